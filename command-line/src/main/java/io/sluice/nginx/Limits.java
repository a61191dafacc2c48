package io.sluice.nginx;

import io.sluice.nginx.syntax.Directive;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code limit_req_zone} and {@code limit_req}. */
final class Limits {
    /** What nginx needs for one key on a 64-bit machine. */
    private static final int BYTES_PER_KEY = 128;

    private final Map<String, YamlMap> zones = new LinkedHashMap<>();

    /** Reads the zones of the {@code http} block. */
    void declare(Scope http) {
        for (Directive zone : http.takeOwn("limit_req_zone")) {
            declare(zone, http.findings());
        }
    }

    private void declare(Directive directive, Findings findings) {
        Optional<String> key = key(directive.argument(0));
        String name = "";
        YamlMap zone = new YamlMap().put("key", key.orElse(""));
        for (String argument : directive.arguments()) {
            if (argument.startsWith("zone=")) {
                String[] parts = argument.substring("zone=".length()).split(":", -1);
                name = parts[0];
                Optional<Long> bytes = parts.length > 1 ? Quantity.bytes(parts[1]) : Optional.empty();
                bytes.ifPresent(size ->
                        zone.put("max-keys", (int) Math.max(16, Math.min(10_000_000, size / BYTES_PER_KEY))));
            } else if (argument.matches("rate=\\d{1,6}r/[sm]")) {
                zone.put("rate", argument.substring("rate=".length()).replace("r/", "/"));
            }
        }
        if (key.isEmpty()
                || !zone.has("rate")
                || name.isEmpty()
                || "0".equals(String.valueOf(zone.get("rate")).split("/", 2)[0])) {
            findings.leftOut(
                    directive,
                    "requests are counted by client address, one header or route, at up to a million a second; the zone is not there");
        } else {
            zones.put(name, zone);
        }
    }

    private static Optional<String> key(String text) {
        if (text.matches("\\$(binary_)?remote_addr")) {
            return Optional.of("client-ip");
        }
        if (text.matches("\\$http_\\w+")) {
            return Optional.of("header:" + text.substring("$http_".length()).replace('_', '-'));
        }
        return Optional.empty();
    }

    /** The limits of one route. */
    List<YamlMap> of(Scope scope) {
        List<YamlMap> limits = new ArrayList<>();
        boolean dry = scope.isOn("limit_req_dry_run");
        for (Directive directive : scope.takeAll("limit_req")) {
            String zone = directive.arguments().stream()
                    .filter(a -> a.startsWith("zone="))
                    .map(a -> a.substring("zone=".length()))
                    .findFirst()
                    .orElse("");
            if (!zones.containsKey(zone)) {
                scope.findings().leftOut(directive, "its zone is not there");
            } else if (dry) {
                scope.findings().leftOut(directive, "there is no dry run, so nothing is limited");
            } else {
                limits.add(limit(zone, directive, scope));
            }
        }
        return limits;
    }

    private static YamlMap limit(String zone, Directive directive, Scope scope) {
        YamlMap limit = new YamlMap().put("zone", zone);
        for (String argument : directive.arguments()) {
            String value = argument.substring(argument.indexOf('=') + 1);
            if (argument.startsWith("burst=")) {
                limit.put("burst", Quantity.number(value, 0, 100_000).orElse(100_000));
            } else if (argument.startsWith("delay=")) {
                limit.put("delay", Quantity.number(value, 0, 100_000).orElse(100_000));
            } else if (argument.equals("nodelay")) {
                limit.put("no-delay", true);
            }
        }
        if (!scope.value("limit_req_status").orElse("503").equals("429")) {
            scope.findings().differs(directive, "refused with 429 and Retry-After");
        }
        return limit;
    }

    YamlMap yaml() {
        YamlMap all = new YamlMap();
        zones.forEach(all::put);
        return all;
    }
}
