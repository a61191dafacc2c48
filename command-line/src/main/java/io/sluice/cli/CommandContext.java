package io.sluice.cli;

import java.nio.file.Path;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * What every command is given.
 *
 * @param home the folder of the project, with {@code config} in it
 * @param nanoTime for measuring
 */
record CommandContext(Console console, Map<String, String> environment, Path home, LongSupplier nanoTime) {
    /** Where {@code sluice up} keeps its data unless told otherwise. */
    Path defaultData() {
        return home.resolve("data");
    }

    /** Who runs the command. */
    String user() {
        return environment.getOrDefault("USER", "operator");
    }
}
