package io.sluice.nginx;

import io.sluice.nginx.syntax.Directive;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** {@code gzip}, and {@code brotli} and {@code zstd} of the modules that many builds have. */
final class Compression {
    private static final int LENGTH = 20;
    private static final String TYPE = "[a-z0-9.+-]+/(\\*|(\\*\\+)?[a-z0-9.+-]+)";

    /** In the order in which they are offered: the name in nginx, and ours. */
    private static final List<Map.Entry<String, String>> CODINGS =
            List.of(Map.entry("zstd", "zstd"), Map.entry("brotli", "br"), Map.entry("gzip", "gzip"));

    private Compression() {}

    /** Empty where nothing is compressed. */
    static YamlMap of(Scope scope) {
        List<String> codings = new ArrayList<>();
        Set<String> types = new LinkedHashSet<>(Set.of("text/html"));
        Optional<Long> least = Optional.empty();
        for (Map.Entry<String, String> coding : CODINGS) {
            String name = coding.getKey();
            if (scope.isOn(name)) {
                codings.add(coding.getValue());
                types(scope, name + "_types", types);
                Optional<Long> length = scope.value(name + "_min_length").flatMap(Quantity::bytes);
                least = least.isPresent() ? least : length;
            }
        }
        if (codings.isEmpty()) {
            return new YamlMap();
        }
        return new YamlMap()
                .put("on", true)
                .put("codings", codings)
                .put("types", List.copyOf(types))
                .put("min-length", Quantity.shown(least.orElse((long) LENGTH)))
                .put("level", level(scope, "gzip", 1, codings, 9))
                .put("brotli-level", level(scope, "brotli", 6, codings, 11))
                .put("zstd-level", level(scope, "zstd", 3, codings, 19));
    }

    private static void types(Scope scope, String name, Set<String> types) {
        Directive given = scope.take(name);
        if (given == null) {
            return;
        }
        for (String type : given.arguments()) {
            String lower = type.toLowerCase(Locale.ROOT);
            if (lower.matches(TYPE)) {
                types.add(lower);
            } else {
                scope.findings().leftOut(given, type + ": no media type; text/* is one for all of a kind");
            }
        }
    }

    private static @Nullable Integer level(Scope scope, String name, int otherwise, List<String> codings, int most) {
        boolean used = codings.contains(name.equals("brotli") ? "br" : name);
        return used
                ? scope.value(name + "_comp_level")
                        .flatMap(level -> Quantity.number(level, 1, most))
                        .orElse(otherwise)
                : null;
    }
}
