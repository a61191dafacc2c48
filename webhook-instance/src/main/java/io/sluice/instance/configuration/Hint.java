package io.sluice.instance.configuration;

import io.sluice.service.settings.NearestName;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/** What a problem suggests. */
final class Hint {
    private Hint() {}

    /** {@code did you mean "…"?}, or null when nothing known is near. */
    static @Nullable String nearest(String name, Collection<String> known) {
        return NearestName.of(name, known)
                .map(nearest -> "did you mean \"" + nearest + "\"?")
                .orElse(null);
    }
}
