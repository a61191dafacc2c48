package io.sluice.assembly;

import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One program of a fleet with everything it is told.
 *
 * @param name what logs call it, and its folder
 * @param settings its settings file; an instance can do without, from defaults and its environment
 * @param environment overrides the file and has the variables of configurations
 */
public record Part(String name, PartKind kind, @Nullable Path settings, Map<String, String> environment) {
    public Part {
        environment = Map.copyOf(environment);
    }
}
