package io.sluice.instance.configuration;

import org.jspecify.annotations.Nullable;

/**
 * One delivery that each event of a webhook gets. The id is what the journal remembers, so it is stable: {@code main} where the webhook
 * names a module, else the one given, else {@code <position>-<module>}. A step that is not required does not count for {@link
 * AckPolicy.Mode#DELIVERED}. The module's settings are checked and complete, with secrets in them.
 */
public record Step(
        String id, @Nullable String connection, ModuleSettings settings, RetryPolicy retry, boolean required) {
    /** Name of the module, as in configuration files. */
    public String module() {
        return settings.module();
    }
}
