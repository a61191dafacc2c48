package io.sluice.instance.configuration;

import io.sluice.instance.api.ConfigProblem;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Every mistake found so far while reading; reading goes on after each. Used by one thread. */
final class Problems {
    private final List<ConfigProblem> found = new ArrayList<>();

    void add(Place place, String code, String message, @Nullable String hint) {
        found.add(new ConfigProblem(place.pointer(), place.file(), code, message, hint));
    }

    void add(Place place, String code, String message) {
        add(place, code, message, null);
    }

    boolean isAt(Place place) {
        return found.stream()
                .anyMatch(problem -> problem.pointer().equals(place.pointer())
                        && problem.file().equals(place.file()));
    }

    boolean isEmpty() {
        return found.isEmpty();
    }

    List<ConfigProblem> all() {
        return List.copyOf(found);
    }
}
