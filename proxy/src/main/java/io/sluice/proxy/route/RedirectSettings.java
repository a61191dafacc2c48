package io.sluice.proxy.route;

import io.sluice.service.settings.SettingsReader;
import java.util.Set;

/**
 * Sends clients elsewhere.
 *
 * @param to an absolute {@code http(s)://host[/path]}, where {@code $host} is the host the client asked for; or a path
 * @param status 301, 302, 307 or 308
 * @param keepPath whether what follows the route's own path in the request is appended
 * @param keepQuery whether the query is appended
 */
public record RedirectSettings(HeaderTemplate to, int status, boolean keepPath, boolean keepQuery)
        implements OwnAnswer {
    private static final Set<Integer> STATUSES = Set.of(301, 302, 307, 308);

    /** Keeps method and body, and may be remembered: what a move to HTTPS means. */
    private static final int STATUS = 308;

    /** Reads {@code to}, {@code status}, {@code keep-path} and {@code keep-query}. */
    static RedirectSettings read(SettingsReader reader) {
        String to = reader.requiredText("to");
        boolean isTarget = to.matches("https?://[^/?#\\s]+(/[^?#\\s]*)?") || to.matches("/[^?#\\s]*");
        if (!to.isEmpty() && (!isTarget || to.startsWith("//"))) {
            reader.problem("to", to, "https://host/path or /path, without query; $host is the host asked for");
        }
        int status = reader.integer("status", STATUS, 300, 399);
        if (!STATUSES.contains(status)) {
            reader.problem("status", status, "301, 302, 307 or 308");
        }
        return new RedirectSettings(
                HeaderTemplate.read(reader, "to", to),
                status,
                reader.flag("keep-path", true),
                reader.flag("keep-query", true));
    }
}
