#include <criterion/criterion.h>
#include <glib/gstdio.h>
#include <string.h>

#include "net/io/safetensors.h"

static char *folder_new(void)
{
    char *folder = g_dir_make_tmp("tengen-safetensors-XXXXXX", NULL);
    cr_assert(folder);
    return folder;
}

/* Parses a file with this header, preceded by its length, and so many bytes of data. */
static int parse(struct safetensors **file, const char *header, size_t data_bytes, GError **error)
{
    GByteArray *bytes = g_byte_array_new();
    uint64_t length = GUINT64_TO_LE((uint64_t)strlen(header));
    g_byte_array_append(bytes, (guint8 *)&length, sizeof length);
    g_byte_array_append(bytes, (const guint8 *)header, (guint)strlen(header));
    guint8 *zeros = g_malloc0(data_bytes + 1);
    g_byte_array_append(bytes, zeros, (guint)data_bytes);
    int result = safetensors_parse(file, bytes->data, bytes->len, "test", error);
    g_free(zeros);
    g_byte_array_free(bytes, TRUE);
    return result;
}

static void expect_refused(const char *header, size_t data_bytes, const char *words)
{
    struct safetensors *file;
    GError *error = NULL;
    cr_assert_eq(parse(&file, header, data_bytes, &error), -1, "accepted: %s", header);
    cr_assert_null(file);
    char *message = g_strdup_printf("test is not a usable .safetensors file: %s", words);
    cr_assert(g_error_matches(error, SAFETENSORS_ERROR, SAFETENSORS_ERROR_FILE));
    cr_assert_str_eq(error->message, message);
    g_clear_error(&error);
    g_free(message);
}

Test(safetensors, round_trip)
{
    char *folder = folder_new(), *path = g_build_filename(folder, "a.safetensors", NULL);
    float a[6] = {1, -2, 3.5f, 0, 1e-30f, 7}, b = 42, none = 0;
    struct safetensors_tensor tensors[] = {
        {"layer.weight", 2, {2, 3}, a}, {"scalar", 0, {0}, &b}, {"empty", 1, {0}, &none}};
    struct safetensors_text texts[] = {{"game", "go"}, {"note", "with \"quotes\" and \n a line"}};
    cr_assert_eq(safetensors_save(path, safetensors_write(tensors, 3, texts, 2), NULL), 0);
    struct safetensors *file;
    cr_assert_eq(safetensors_load(&file, path, NULL), 0);
    cr_assert_eq(safetensors_count(file), 3);
    const struct safetensors_tensor *found = safetensors_find(file, "layer.weight");
    cr_assert(found && found->rank == 2 && found->shape[0] == 2 && found->shape[1] == 3);
    cr_assert_arr_eq(found->data, a, sizeof a);
    cr_assert_eq(*safetensors_find(file, "scalar")->data, 42);
    cr_assert_eq(safetensors_elements(safetensors_find(file, "empty")), 0);
    cr_assert_str_eq(safetensors_metadata(file, "note"), texts[1].value);
    cr_assert_null(safetensors_metadata(file, "absent"));
    cr_assert_null(safetensors_find(file, "absent"));
    cr_assert_null(safetensors_find(file, "__metadata__"));
    safetensors_close(file);
    g_unlink(path);
    cr_assert_eq(g_rmdir(folder), 0, "a temporary file was left behind");
    g_free(path);
    g_free(folder);
}

/* The writer's bytes are those of the published format: length, JSON, then data at a multiple of 8. */
Test(safetensors, bytes_on_disk)
{
    char *folder = folder_new(), *path = g_build_filename(folder, "a.safetensors", NULL), *bytes;
    float value = 1;
    struct safetensors_tensor tensor = {"w", 1, {1}, &value};
    cr_assert_eq(safetensors_save(path, safetensors_write(&tensor, 1, NULL, 0), NULL), 0);
    gsize size;
    cr_assert(g_file_get_contents(path, &bytes, &size, NULL));
    const char *json = "{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}";
    cr_assert_eq((unsigned char)bytes[0] % 8, 0);
    cr_assert_eq(strncmp(bytes + 8, json, strlen(json)), 0, "%.*s", (int)size - 12, bytes + 8);
    cr_assert_eq(memcmp(bytes + size - 4, "\0\0\x80\x3f", 4), 0);
    g_free(bytes);
    g_unlink(path);
    g_rmdir(folder);
    g_free(path);
    g_free(folder);
}

Test(safetensors, every_cut_is_refused)
{
    char *folder = folder_new(), *path = g_build_filename(folder, "a.safetensors", NULL), *bytes;
    float a[4] = {1, 2, 3, 4};
    struct safetensors_tensor tensors[] = {{"a", 2, {2, 2}, a}, {"b", 1, {2}, a}};
    cr_assert_eq(safetensors_save(path, safetensors_write(tensors, 2, NULL, 0), NULL), 0);
    gsize size;
    cr_assert(g_file_get_contents(path, &bytes, &size, NULL));
    for (gsize cut = 0; cut < size; cut++) {
        char *part =
            g_memdup2(bytes, cut); /* of exactly this size, so that AddressSanitizer detects reads past its end */
        struct safetensors *file;
        GError *error = NULL;
        cr_assert_eq(safetensors_parse(&file, part, cut, "cut", &error), -1, "accepted when truncated to %zu bytes",
                     cut);
        cr_assert(error && strstr(error->message, "cut"));
        g_clear_error(&error);
        g_free(part);
    }
    g_free(bytes);
    g_unlink(path);
    g_rmdir(folder);
    g_free(path);
    g_free(folder);
}

Test(safetensors, flipped_bytes_never_crash)
{
    const char *header = "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}";
    size_t length = strlen(header);
    for (size_t i = 0; i < length; i++)
        for (int with = 1; with < 256; with += 5) {
            char *hurt = g_strdup(header);
            hurt[i] = (char)with;
            struct safetensors *file;
            GError *error = NULL;
            int result = parse(&file, hurt, 8, &error);
            cr_assert((result == 0) == (file != NULL) && (result == 0) == (error == NULL));
            safetensors_close(file);
            g_clear_error(&error);
            g_free(hurt);
        }
}

Test(safetensors, hostile_headers)
{
#define TENSOR(shape, offsets) "{\"dtype\":\"F32\",\"shape\":" shape ",\"data_offsets\":" offsets "}"
    static const char no_json[] = "its header is not JSON", shape[] = "tensor \"a\" has an invalid shape",
                      offsets[] = "tensor \"a\" has no data offsets", type[] = "tensor \"a\" has no type",
                      outside[] = "tensor \"a\" is outside the file, which is truncated or damaged";
    expect_refused("", 0, no_json);
    expect_refused("[]", 0, no_json);
    expect_refused("{\"a\":", 0, no_json);
    expect_refused("{\"\xff\":1}", 0, no_json);
    expect_refused(" {}", 0, no_json);
    expect_refused("{} x", 0, "its header has text after the JSON object");
    expect_refused("{}\n", 0, "its header has text after the JSON object");
    expect_refused("{\"a\":1}", 0, type);
    expect_refused("{\"a\":{\"shape\":[1],\"data_offsets\":[0,4]}}", 4, type);
    expect_refused("{\"a\":{\"dtype\":32,\"shape\":[1],\"data_offsets\":[0,4]}}", 4, type);
    expect_refused("{\"a\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[0,8]}}", 8,
                   "tensor \"a\" has type F64; only F32 is supported");
    expect_refused("{\"a\":" TENSOR("1", "[0,4]") "}", 4, shape);
    expect_refused("{\"a\":" TENSOR("[\"1\"]", "[0,4]") "}", 4, shape);
    expect_refused("{\"a\":" TENSOR("[-1]", "[0,4]") "}", 4, shape);
    expect_refused("{\"a\":" TENSOR("[1.5]", "[0,4]") "}", 4, shape);
    expect_refused("{\"a\":" TENSOR("[1e300]", "[0,4]") "}", 4, shape);
    expect_refused("{\"a\":" TENSOR("[9007199254740994]", "[0,4]") "}", 4, shape);
    expect_refused("{\"a\":" TENSOR("[4294967296,4294967296,4]", "[0,0]") "}", 0, shape);
    expect_refused("{\"a\":" TENSOR("[1,1,1,1,1,1,1,1,1]", "[0,4]") "}", 4, shape);
    expect_refused("{\"a\":" TENSOR("[1]", "4") "}", 4, offsets);
    expect_refused("{\"a\":" TENSOR("[1]", "[0]") "}", 4, offsets);
    expect_refused("{\"a\":" TENSOR("[1]", "[0,4,8]") "}", 8, offsets);
    expect_refused("{\"a\":" TENSOR("[1]", "[0,\"4\"]") "}", 4, offsets);
    expect_refused("{\"a\":" TENSOR("[1]", "[\"0\",4]") "}", 4, offsets);
    expect_refused("{\"a\":" TENSOR("[1]", "[4,0]") "}", 4, outside);
    expect_refused("{\"a\":" TENSOR("[2]", "[0,8]") "}", 4, outside);
    expect_refused("{\"a\":" TENSOR("[1]", "[9007199254740988,9007199254740992]") "}", 4, outside);
    expect_refused("{\"a\":" TENSOR("[2]", "[0,4]") "}", 4, "the shape of tensor \"a\" does not match its data");
    expect_refused("{\"a\":" TENSOR("[1]", "[0,8]") "}", 8, "the shape of tensor \"a\" does not match its data");
    expect_refused("{\"a\":" TENSOR("[1]", "[0,4]") ",\"b\":" TENSOR("[2]", "[0,8]") "}", 8,
                   "tensor \"b\" overlaps another");
    expect_refused("{\"b\":" TENSOR("[2]", "[0,8]") ",\"a\":" TENSOR("[1]", "[0,4]") "}", 8,
                   "tensor \"b\" overlaps another");
    expect_refused("{\"a\":" TENSOR("[1]", "[4,8]") "}", 8, "tensor \"a\" follows a gap in the data");
    expect_refused("{\"a\":" TENSOR("[1]", "[0,4]") "}", 6, "2 bytes follow the last tensor");
    expect_refused("{\"a\":" TENSOR("[1]", "[0,4]") ",\"a\":" TENSOR("[1]", "[4,8]") "}", 8, "duplicate name \"a\"");
    expect_refused("{\"__metadata__\":[]}", 0, "its metadata are not a map of strings");
    expect_refused("{\"__metadata__\":{\"k\":1}}", 0, "its metadata \"k\" are not a string");
    expect_refused("{\"__metadata__\":{},\"__metadata__\":{}}", 0, "duplicate name \"__metadata__\"");
}

static struct safetensors *accepted(const char *header, size_t data_bytes)
{
    struct safetensors *file = NULL;
    GError *error = NULL;
    int failed = parse(&file, header, data_bytes, &error);
    cr_assert_eq(failed, 0, "%s: %s", header, error ? error->message : "");
    return file;
}

/* The maximum rank and the largest number in a shape, an empty tensor of a large shape, tensors in another order than
 * their data, spaces after the header. */
Test(safetensors, unusual_headers)
{
    struct safetensors *file = accepted("{}   ", 0);
    cr_expect_eq(safetensors_count(file), 0);
    safetensors_close(file);
    file = accepted("{\"a\":" TENSOR("[1,1,2,1,1,1,1,1]", "[0,8]") "}", 8);
    cr_expect_eq(safetensors_at(file, 0)->rank, 8);
    cr_expect_eq(safetensors_elements(safetensors_at(file, 0)), 2);
    safetensors_close(file);
    file = accepted("{\"a\":" TENSOR("[9007199254740992,0]", "[0,0]") "}", 0);
    cr_expect_eq(safetensors_at(file, 0)->shape[0], 9007199254740992);
    safetensors_close(file);
    file = accepted("{\"b\":" TENSOR("[2]", "[4,12]") ",\"none\":" TENSOR("[0]", "[4,4]") ",\"a\":" TENSOR(
                        "[1]", "[0,4]") ",\"__metadata__\":{\"k\":\"v\"}}",
                    12);
    static const char *const order[] = {"a", "none", "b"};
    cr_assert_eq(safetensors_count(file), 3);
    for (int i = 0; i < 3; i++)
        cr_expect_str_eq(safetensors_at(file, i)->name, order[i]);
    cr_expect_eq(safetensors_find(file, "b")->data - safetensors_find(file, "a")->data, 1);
    cr_expect_str_eq(safetensors_metadata(file, "k"), "v");
    safetensors_close(file);
#undef TENSOR
}

static void expect_refused_bytes(const void *bytes, size_t size, const char *words)
{
    struct safetensors *file;
    GError *error = NULL;
    char *message = g_strdup_printf("test is not a usable .safetensors file: %s", words);
    cr_assert_eq(safetensors_parse(&file, bytes, size, "test", &error), -1);
    cr_assert_null(file);
    cr_assert_str_eq(error->message, message);
    g_clear_error(&error);
    g_free(message);
}

/* The length before the header is checked against the file's size and against 16 MB. */
Test(safetensors, header_lengths)
{
    unsigned char bytes[16] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, '{', '}'};
    expect_refused_bytes(bytes, 7, "it is only 7 bytes long");
    expect_refused_bytes(
        bytes, 16, "its header claims to have 18446744073709551615 bytes; the file is truncated or in another format");
    memset(bytes, 0, 8);
    expect_refused_bytes(bytes, 16, "its header is not JSON");
    bytes[0] = 9;
    expect_refused_bytes(bytes, 16, "its header claims to have 9 bytes; the file is truncated or in another format");
    bytes[0] = 2;
    expect_refused_bytes(bytes, 16, "6 bytes follow the last tensor");
    uint64_t most = 16u << 20, length = GUINT64_TO_LE(most);
    char *large = g_malloc(8 + most + 1);
    memset(large, ' ', 8 + most + 1);
    memcpy(large + 8, "{}", 2);
    memcpy(large, &length, 8);
    expect_refused_bytes(large, 8 + most + 1, "1 bytes follow the last tensor");
    length = GUINT64_TO_LE(most + 1);
    memcpy(large, &length, 8);
    expect_refused_bytes(large, 8 + most + 1,
                         "its header claims to have 16777217 bytes; the file is truncated or in another format");
    g_free(large);
}

Test(safetensors, unwritable_places)
{
    float value = 1;
    struct safetensors_tensor tensor = {"w", 1, {1}, &value};
    GError *error = NULL;
    cr_assert_eq(safetensors_save("/nowhere/at/all.safetensors", safetensors_write(&tensor, 1, NULL, 0), &error), -1);
    cr_assert(strstr(error->message, "/nowhere/at/all.safetensors"));
    g_clear_error(&error);
    struct safetensors *file;
    cr_assert_eq(safetensors_load(&file, "/nowhere/at/all.safetensors", &error), -1);
    cr_assert(strstr(error->message, "/nowhere/at/all.safetensors"));
    g_clear_error(&error);
    cr_assert_eq(safetensors_load(&file, "/tmp", &error), -1);
    cr_assert_str_eq(error->message, "/tmp is not a usable .safetensors file: it is not a file");
    g_clear_error(&error);
}
