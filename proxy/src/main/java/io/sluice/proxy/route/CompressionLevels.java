package io.sluice.proxy.route;

import io.sluice.service.settings.SettingsReader;

/**
 * How much work is put into making responses smaller.
 *
 * @param gzip 1 (fast) to 9 (small)
 * @param brotli 0 (fast) to 11 (small)
 * @param zstd 1 (fast) to 19 (small)
 */
public record CompressionLevels(int gzip, int brotli, int zstd) {
    /** Beyond these, time grows faster than bytes are saved. */
    static final CompressionLevels DEFAULTS = new CompressionLevels(5, 4, 3);

    /** Reads {@code level}, {@code brotli-level} and {@code zstd-level}. */
    static CompressionLevels read(SettingsReader reader) {
        return new CompressionLevels(
                reader.integer("level", DEFAULTS.gzip, 1, 9),
                reader.integer("brotli-level", DEFAULTS.brotli, 0, 11),
                reader.integer("zstd-level", DEFAULTS.zstd, 1, 19));
    }
}
