package io.sluice.instance.configuration;

import io.sluice.service.settings.Secret;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What a module needs to know to deliver; one record per module. */
public sealed interface ModuleSettings {
    /** Name of the module, as in configuration files. */
    String module();

    /** Calls the function that belongs to this module. */
    <T> T match(Function<Log, T> onLog, Function<SaveToDisk, T> onSaveToDisk, Function<HttpWebhook, T> onHttpWebhook);

    /** Writes a line to the log. */
    record Log() implements ModuleSettings {
        @Override
        public String module() {
            return "log";
        }

        @Override
        public <T> T match(
                Function<Log, T> onLog, Function<SaveToDisk, T> onSaveToDisk, Function<HttpWebhook, T> onHttpWebhook) {
            return onLog.apply(this);
        }
    }

    /**
     * Writes one file per event. {@code path} is relative to the data root for files, without {@code ..} and empty for the root itself;
     * whoever writes must still refuse a symbolic link that leads outside.
     */
    record SaveToDisk(String path) implements ModuleSettings {
        @Override
        public String module() {
            return "save_to_disk";
        }

        @Override
        public <T> T match(
                Function<Log, T> onLog, Function<SaveToDisk, T> onSaveToDisk, Function<HttpWebhook, T> onHttpWebhook) {
            return onSaveToDisk.apply(this);
        }
    }

    /**
     * Sends the event to another HTTP server. The URL is absolute, http or https. {@code headers} are added to each request;
     * {@code forwardHeaders} sends those that the sender sent along, less hop-by-hop ones, only the {@code allowedHeaders} (lower case)
     * when there are any. Redirects are not followed.
     */
    record HttpWebhook(
            URI url,
            String method,
            Map<String, Secret> headers,
            Duration timeout,
            boolean forwardHeaders,
            @Nullable Set<String> allowedHeaders)
            implements ModuleSettings {
        public HttpWebhook {
            headers = Map.copyOf(headers);
            allowedHeaders = allowedHeaders == null ? null : Set.copyOf(allowedHeaders);
        }

        /** Whether a sender's header of this lower-case name goes along, as far as these settings say. */
        public boolean forwards(String lowerCaseName) {
            return forwardHeaders
                    && Optional.ofNullable(allowedHeaders)
                            .map(allowed -> allowed.contains(lowerCaseName))
                            .orElse(true);
        }

        @Override
        public String module() {
            return "http_webhook";
        }

        @Override
        public <T> T match(
                Function<Log, T> onLog, Function<SaveToDisk, T> onSaveToDisk, Function<HttpWebhook, T> onHttpWebhook) {
            return onHttpWebhook.apply(this);
        }
    }
}
