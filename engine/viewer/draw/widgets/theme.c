/* The colours of the light and the dark theme. */
#include "engine/viewer/draw/widgets/ui.h"

const struct theme theme_light = {
    .back = {243, 239, 232, 255},
    .card = {255, 253, 249, 255},
    .border = {222, 214, 202, 255},
    .text = {44, 38, 33, 255},
    .muted = {128, 118, 107, 255},
    .accent = {166, 61, 40, 255},
    .on_accent = {255, 250, 244, 255},
    .hover = {238, 231, 220, 255},
    .field = {255, 255, 255, 255},
    .good = {52, 124, 84, 255},
    .bad = {184, 48, 44, 255},
    .warn = {176, 112, 16, 255},
    .black_side = {46, 44, 43, 255},
    .white_side = {250, 248, 243, 255},
    .line = {68, 50, 30, 255},
};
const struct theme theme_dark = {
    .back = {28, 28, 30, 255},
    .card = {39, 39, 42, 255},
    .border = {62, 62, 66, 255},
    .text = {234, 229, 221, 255},
    .muted = {154, 148, 140, 255},
    .accent = {214, 108, 76, 255},
    .on_accent = {28, 20, 16, 255},
    .hover = {54, 54, 58, 255},
    .field = {30, 30, 33, 255},
    .good = {110, 190, 140, 255},
    .bad = {236, 104, 96, 255},
    .warn = {226, 168, 76, 255},
    .black_side = {14, 14, 15, 255},
    .white_side = {232, 228, 220, 255},
    .line = {36, 26, 14, 255},
};
