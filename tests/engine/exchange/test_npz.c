/* .npz files: those that NumPy wrote (data/, by numpy.savez and numpy.savez_compressed of NumPy 1.24), our own, and damaged ones. */
#include <criterion/criterion.h>
#include <string.h>

#include "engine/exchange/npz.h"
#include "tests/engine/exchange/folder.h"

static const char *data_path(const char *name)
{
    static char path[1024];
    g_snprintf(path, sizeof path, "%s/engine/exchange/data/%s", TESTS_DIR, name);
    return path;
}

static GArray *load(const char *path)
{
    GError *error = NULL;
    GArray *arrays = npz_load(path, &error);
    cr_assert(arrays, "%s", error ? error->message : "");
    return arrays;
}

static const struct npz_array *find(const GArray *arrays, const char *name)
{
    const struct npz_array *array = npz_find(arrays, name);
    cr_assert(array, "no array %s", name);
    return array;
}

static void expect_floats(const struct npz_array *array, const char *type, int rank, const int64_t *shape,
                          const float *values, size_t count)
{
    float *floats = npz_floats(array);
    cr_assert_str_eq(array->type, type);
    cr_assert_eq(array->rank, rank);
    cr_assert_eq(array->count, count);
    for (int d = 0; d < rank; d++)
        cr_assert_eq(array->shape[d], shape[d]);
    for (size_t i = 0; i < count; i++)
        cr_assert_eq(floats[i], values[i]);
    g_free(floats);
}

static void expect_contents(const GArray *arrays)
{
    cr_assert_eq(arrays->len, 6);
    expect_floats(find(arrays, "matrix"), "<f4", 2, (int64_t[]){2, 3}, (float[]){1, 2, 3, 4, 5, 6.5f}, 6);
    expect_floats(find(arrays, "wide"), "<f8", 1, (int64_t[]){2}, (float[]){0.5f, -2}, 2);
    expect_floats(find(arrays, "scalar"), "<f4", 0, NULL, (float[]){7}, 1);
    expect_floats(find(arrays, "0.conv.conv.weight"), "<f4", 1, (int64_t[]){1}, (float[]){9}, 1);
    const struct npz_array *whole = find(arrays, "whole"), *text = find(arrays, "text");
    cr_assert_str_eq(whole->type, "<i8");
    cr_assert_eq(whole->data[8], 1);
    cr_assert_null(npz_floats(whole));
    cr_assert_str_eq(text->type, "|S5");
    cr_assert(memcmp(text->data, "about", 5) == 0);
}

Test(npz, reads_what_numpy_wrote)
{
    static const char *const names[] = {"stored.npz", "deflated.npz"};
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        GArray *arrays = load(data_path(names[i]));
        expect_contents(arrays);
        g_array_unref(arrays);
    }
}

static void refuse_file(const char *path, const char *part)
{
    GError *error = NULL;
    cr_assert_null(npz_load(path, &error));
    cr_assert(error && strstr(error->message, part), "\"%s\" is not in \"%s\"", part, error ? error->message : "");
    g_clear_error(&error);
}

Test(npz, refuses_what_it_does_not_read)
{
    refuse_file(data_path("fortran.npz"), "ascontiguousarray");
    refuse_file(data_path("objects.npz"), "not of numbers");
    refuse_file(data_path("absent.npz"), "absent.npz");
    refuse_file(data_path("../test_npz.c"), "it is no zip");
}

/* Two arrays at once, one in parts, as rows are written. */
static void write_own(const char *path, size_t parts)
{
    GError *error = NULL;
    const float row[] = {1, 2, 3};
    const int32_t number = 5;
    struct npz_writer *writer = npz_create(path, &error);
    cr_assert(writer, "%s", error ? error->message : "");
    struct npz_stream *rows = npz_begin(writer, "9x9/rows", "<f4", &error),
                      *numbers = npz_begin(writer, "numbers", "<i4", &error);
    cr_assert(rows && numbers);
    for (size_t i = 0; i < parts; i++)
        cr_assert(npz_append(rows, row, sizeof row, &error) && npz_append(numbers, &number, sizeof number, &error));
    cr_assert(npz_end(numbers, 1, (int64_t[]){(int64_t)parts}, &error));
    cr_assert(npz_end(rows, 2, (int64_t[]){(int64_t)parts, 3}, &error));
    cr_assert(npz_add(writer, "about", "|S4", 0, NULL, "text", 4, &error));
    cr_assert(npz_commit(writer, &error), "%s", error ? error->message : "");
}

Test(npz, reads_what_it_wrote, .init = folder_make, .fini = folder_remove)
{
    static const size_t sizes[] = {0, 1, 50000};
    for (size_t s = 0; s < G_N_ELEMENTS(sizes); s++) {
        char *path = g_build_filename(folder, "own.npz", NULL);
        write_own(path, sizes[s]);
        GArray *arrays = load(path);
        const struct npz_array *rows = find(arrays, "9x9/rows"), *numbers = find(arrays, "numbers");
        float *floats = npz_floats(rows);
        cr_assert_eq(rows->shape[0], (int64_t)sizes[s]);
        cr_assert_eq(rows->shape[1], 3);
        cr_assert_eq(rows->count, 3 * sizes[s]);
        for (size_t i = 0; i < rows->count; i++)
            cr_assert_eq(floats[i], (float)(i % 3 + 1));
        cr_assert_eq(numbers->count, sizes[s]);
        cr_assert(memcmp(find(arrays, "about")->data, "text", 4) == 0);
        cr_assert_eq(folder_files(), 1, "temporary files are left");
        g_free(floats);
        g_array_unref(arrays);
        g_free(path);
    }
}

Test(npz, a_file_that_cannot_be_written, .init = folder_make, .fini = folder_remove)
{
    GError *error = NULL;
    char *path = g_build_filename(folder, "absent", "own.npz", NULL);
    cr_assert_null(npz_create(path, &error));
    cr_assert(error && strstr(error->message, "own.npz"));
    g_clear_error(&error);
    g_free(path);
    /* Given up: nothing is left, and an old file stays. */
    path = g_build_filename(folder, "own.npz", NULL);
    cr_assert(g_file_set_contents(path, "old", 3, NULL));
    struct npz_writer *writer = npz_create(path, &error);
    struct npz_stream *stream = npz_begin(writer, "a", "<f4", &error);
    cr_assert(stream && npz_append(stream, "1234", 4, &error));
    npz_drop(stream);
    npz_abort(writer);
    cr_assert_eq(folder_files(), 1);
    g_free(path);
}

/* Whatever is cut off or changed is an error with a message, or (in bytes that mean nothing, such as dates) the same
 * contents. */
Test(npz, damage_is_found)
{
    static const char *const names[] = {"stored.npz", "deflated.npz"};
    for (size_t n = 0; n < G_N_ELEMENTS(names); n++) {
        char *bytes;
        gsize size;
        GError *error = NULL;
        cr_assert(g_file_get_contents(data_path(names[n]), &bytes, &size, NULL));
        for (gsize length = 0; length < size; length++) {
            char *cut = g_memdup2(bytes, length + 1);
            cr_assert_null(npz_parse(cut, length, "cut", &error));
            cr_assert(error && strstr(error->message, "cut"));
            g_clear_error(&error);
            g_free(cut);
        }
        int found = 0;
        for (gsize at = 0; at < size; at++) {
            bytes[at] ^= 0x41;
            GArray *arrays = npz_parse(bytes, size, "changed", &error);
            bytes[at] ^= 0x41;
            cr_assert(!arrays == (error != NULL));
            found += error != NULL;
            g_clear_error(&error);
            if (arrays)
                g_array_unref(arrays);
        }
        cr_assert_gt(found, (int)size / 2);
        g_free(bytes);
    }
}

/* A member whose size is a lie: nothing of that size is allocated. */
Test(npz, sizes_are_checked)
{
    char *bytes;
    gsize size;
    GError *error = NULL;
    cr_assert(g_file_get_contents(data_path("deflated.npz"), &bytes, &size, NULL));
    for (gsize at = 0; at + 4 < size; at++)
        if (memcmp(bytes + at, "PK\1\2", 4) == 0)
            memcpy(bytes + at + 24, "\0\0\0\x3f", 4);
    cr_assert_null(npz_parse(bytes, size, "huge", &error));
    cr_assert(error && strstr(error->message, "damaged"), "%s", error ? error->message : "");
    g_clear_error(&error);
    g_free(bytes);
}
