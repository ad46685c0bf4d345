/* Presets that depend on other settings. Private to engine/settings/. */
#ifndef TENGEN_ENGINE_SETTINGS_SETTINGS_INTERNAL_H
#define TENGEN_ENGINE_SETTINGS_SETTINGS_INTERNAL_H

struct settings;

/* Rate and weight decay, by the optimiser and whether a net is given to start from, unless they were set by name. */
void settings_preset_optimiser(struct settings *settings);
/* The window, first_rows, samples_per_row and samples_floor, by the game and whether a net is given to start from, unless they were set by
 * name. */
void settings_preset_replay(struct settings *settings);
/* considered and tree_reuse, by the game, the visits and whether a net is given to start from, unless they were set by name. */
void settings_preset_searches(struct settings *settings);

#endif
