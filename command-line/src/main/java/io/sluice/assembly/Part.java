package io.sluice.assembly;

import java.nio.file.Path;
import java.util.Map;

/**
 * One program of a fleet with everything it is told.
 *
 * @param name what logs call it, and its folder
 * @param settings its settings file
 * @param environment overrides the file and has the variables of configurations
 */
public record Part(String name, PartKind kind, Path settings, Map<String, String> environment) {
    public Part {
        environment = Map.copyOf(environment);
    }
}
