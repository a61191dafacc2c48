package io.sluice.proxy.route;

import io.sluice.service.settings.SettingsReader;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * One route as configured.
 *
 * @param name unique; labels metrics and logs
 * @param host exact host in lower case, {@code *.example.com} for every sub-domain, empty for any
 * @param path begins with a slash, in normal form
 * @param maxBodyBytes largest request body; more is answered 413
 * @param pool empty when the proxy answers by itself
 * @param upgrade whether {@code Upgrade} requests become tunnels; otherwise the header is dropped
 */
public record RouteSettings(
        String name,
        String host,
        PathMatch pathMatch,
        String path,
        String pool,
        RouteTimeouts timeouts,
        RetrySettings retry,
        long maxBodyBytes,
        HostHeader hostHeader,
        boolean upgrade,
        boolean accessLog,
        RouteRules rules) {
    /** What users of other proxies expect. */
    private static final long MAX_BODY_BYTES = 1 << 20;

    /** What the host of a request can be, or what follows its first label; or an IPv6 address. */
    private static final Pattern HOST =
            Pattern.compile("(\\*\\.)?[^\\s.:/*@\\[\\]]+(\\.[^\\s.:/*@\\[\\]]+)*|\\[[0-9a-f:.]+\\]");

    public RouteSettings {
        if (!path.equals(PathNormalizer.normalize(path))) {
            throw new IllegalArgumentException("path: " + path + " (expected: a normalised path that begins with /)");
        }
    }

    /** Reads one route where no rate limits are known. */
    public static RouteSettings read(SettingsReader reader) {
        return read(reader, Map.of());
    }

    /**
     * Reads one route: {@code name}, {@code host}, {@code path} (a prefix) or {@code exact-path}, {@code pool}, {@code max-body},
     * {@code host-header}, {@code upgrade}, {@code access-log}, the timeouts, a section {@code retry}, and what {@link RouteRules#read} does.
     *
     * @param zones of rate limits, by name
     */
    public static RouteSettings read(SettingsReader reader, Map<String, RateLimitZone> zones) {
        boolean exact = reader.has("exact-path");
        String key = exact ? "exact-path" : "path";
        String path = reader.requiredText(key);
        if (!path.isEmpty() && !path.equals(PathNormalizer.normalize(path))) {
            reader.problem(key, path, "a path that begins with / and has no escapes, dot segments or double slashes");
            path = "/";
        }
        return new RouteSettings(
                reader.requiredText("name"),
                host(reader),
                exact ? PathMatch.EXACT : PathMatch.PREFIX,
                path.isEmpty() ? "/" : path,
                reader.text("pool", ""),
                RouteTimeouts.read(reader),
                RetrySettings.read(reader.section("retry")),
                reader.bytes("max-body", MAX_BODY_BYTES, 0),
                reader.choice("host-header", HostHeader.class, HostHeader.CLIENT),
                reader.flag("upgrade", false),
                reader.flag("access-log", true),
                RouteRules.read(reader, zones));
    }

    private static String host(SettingsReader reader) {
        String host = reader.text("host", "").toLowerCase(Locale.ROOT);
        if (!host.isEmpty() && !HOST.matcher(host).matches()) {
            reader.problem("host", host, "a name without port such as example.com, or *.example.com");
        }
        return host;
    }
}
