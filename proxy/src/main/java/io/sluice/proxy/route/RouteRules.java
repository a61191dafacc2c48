package io.sluice.proxy.route;

import io.sluice.service.settings.SettingsReader;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a route does beyond choosing a pool; by default nothing.
 *
 * @param methods that it is for, in the order given; empty for all. GET includes HEAD
 * @param scheme {@code http} or {@code https}, as clients reach the proxy or a trusted one before it; empty for both
 * @param fallback the pool that serves while nobody in the route's own is eligible; empty for none
 * @param answer how the proxy answers by itself; null when it forwards
 * @param compression null for none
 * @param browsers what it tells browsers
 * @param concurrency how many of its requests may run at once
 * @param replacePrefix what the backend is asked for in place of the route's own path; null to ask for what the client did
 */
public record RouteRules(
        Set<String> methods,
        String scheme,
        String fallback,
        @Nullable OwnAnswer answer,
        HeaderChanges requestHeaders,
        HeaderChanges responseHeaders,
        List<RateLimit> rateLimits,
        @Nullable CompressionSettings compression,
        @Nullable String replacePrefix,
        BrowserRules browsers,
        List<ConcurrencyLimit> concurrency) {
    public RouteRules {
        rateLimits = List.copyOf(rateLimits);
        concurrency = List.copyOf(concurrency);
    }

    /**
     * Reads {@code methods}, {@code scheme}, {@code fallback}, {@code redirect}, {@code respond}, {@code files}, {@code request-headers}, {@code
     * response-headers}, {@code rate-limits}, {@code compression}, {@code replace-prefix}, {@code security-headers},
     * {@code cors} and {@code max-concurrent}.
     */
    static RouteRules read(SettingsReader reader, Map<String, RateLimitZone> zones) {
        return new RouteRules(
                methods(reader),
                scheme(reader),
                reader.text("fallback", ""),
                answer(reader),
                HeaderChanges.read(reader.section("request-headers"), true),
                HeaderChanges.read(reader.section("response-headers"), false),
                reader.items("rate-limits").stream()
                        .map(item -> RateLimit.read(item, zones))
                        .filter(Objects::nonNull)
                        .toList(),
                CompressionSettings.read(reader.section("compression")),
                replacePrefix(reader),
                BrowserRules.read(reader),
                reader.items("max-concurrent").stream()
                        .map(ConcurrencyLimit::read)
                        .toList());
    }

    private static Set<String> methods(SettingsReader reader) {
        Set<String> methods = new LinkedHashSet<>();
        for (String method : reader.texts("methods")) {
            if (!method.matches("[A-Z-]+") || method.equals("CONNECT") || method.equals("TRACE")) {
                reader.problem("methods", method, "methods in upper case, such as GET or POST, not CONNECT or TRACE");
            }
            methods.add(method);
            if (method.equals("GET")) {
                methods.add("HEAD");
            }
        }
        return methods;
    }

    private static String scheme(SettingsReader reader) {
        String scheme = reader.text("scheme", "");
        if (!scheme.isEmpty() && !scheme.equals("http") && !scheme.equals("https")) {
            reader.problem("scheme", scheme, "http or https; absent for both");
        }
        return scheme;
    }

    private static @Nullable String replacePrefix(SettingsReader reader) {
        String path = reader.text("replace-prefix", "");
        if (path.isEmpty()) {
            return null;
        }
        if (!path.equals(PathNormalizer.normalize(path))) {
            reader.problem(
                    "replace-prefix",
                    path,
                    "a path that begins with / and has no escapes, dot segments or double slashes");
        } else if (!reader.has("pool")) {
            reader.problem("replace-prefix", path, "only beside pool: the proxy's own answers have no backend");
        }
        return path;
    }

    private static @Nullable OwnAnswer answer(SettingsReader reader) {
        List<String> given = new ArrayList<>();
        for (String key : List.of("pool", "redirect", "respond", "files")) {
            if (reader.has(key)) {
                given.add(key);
            }
        }
        if (given.size() != 1) {
            reader.problem(
                    given.isEmpty() ? "pool" : given.get(1),
                    given.isEmpty() ? null : String.join(" and ", given),
                    "exactly one of pool, redirect, respond and files");
        }
        // All of them are read, so that all of their mistakes are named.
        OwnAnswer answer = reader.has("redirect") ? RedirectSettings.read(reader.section("redirect")) : null;
        answer = reader.has("respond") ? RespondSettings.read(reader.section("respond")) : answer;
        return reader.has("files") ? FileSettings.read(reader.section("files")) : answer;
    }
}
