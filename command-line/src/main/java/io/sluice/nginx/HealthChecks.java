package io.sluice.nginx;

import io.sluice.nginx.syntax.Directive;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Active checks: {@code health_check} of a location, and {@code check} of the module that many builds have. */
final class HealthChecks {
    private static final Pattern SENT_PATH = Pattern.compile("\\w+\\s+(/[!-~]*)");
    private static final Duration SHORTEST = Duration.ofMillis(10);

    private HealthChecks() {}

    /** {@code health_check interval=5s fails=3 passes=2 uri=/health}. */
    static void ofLocation(Scope location, YamlMap health) {
        for (Directive directive : location.takeOwn("health_check")) {
            health.put("path", parameter(directive, "uri").orElse("/"));
            put(
                    health,
                    "interval",
                    parameter(directive, "interval").flatMap(Quantity::time).orElse(Duration.ofSeconds(5)));
            number(directive, "passes", 1, "rise", health);
            number(directive, "fails", 1, "fall", health);
            Optional<Directive> match = parameter(directive, "match").flatMap(name -> location.block("match", name));
            match.ifPresent(found -> expected(found, location.findings(), health));
            for (String argument : directive.arguments()) {
                boolean matched = argument.startsWith("match=") && match.isPresent();
                if (!matched && !argument.matches("(uri|interval|passes|fails)=.*")) {
                    location.findings()
                            .leftOut(
                                    directive,
                                    argument + ": see health in docs/configuration.md for what a check can look at");
                }
            }
        }
    }

    /** {@code match ok { status 200; body ~ "ready"; }}. */
    private static void expected(Directive match, Findings findings, YamlMap health) {
        findings.used(match);
        for (Directive condition : match.children()) {
            List<String> wanted = condition.arguments();
            boolean ofStatus = condition.is("status") && wanted.size() == 1;
            if (ofStatus && wanted.get(0).matches("[1-5]\\d\\d")) {
                findings.used(condition);
                health.put("expected-status", Integer.parseInt(wanted.get(0)));
            } else if (ofStatus && wanted.get(0).equals("200-299")) {
                findings.used(condition);
            } else if (condition.is("body") && wanted.size() == 2 && isPlainText(wanted)) {
                findings.used(condition);
                health.put("expected-body", wanted.get(1));
            } else {
                findings.leftOut(condition, "a check looks for one status, or any 2xx, and for a text in the body");
            }
        }
    }

    private static boolean isPlainText(List<String> pattern) {
        return pattern.get(0).equals("~") && pattern.get(1).matches("[\\w \"':,/-]+");
    }

    /** {@code check interval=3000 rise=2 fall=5 timeout=1000 type=http} with {@code check_http_send}. */
    static void ofUpstream(Scope upstream, YamlMap health) {
        List<Directive> checks = upstream.own("check");
        if (checks.isEmpty()) {
            return;
        }
        Directive directive = checks.get(0);
        String type = parameter(directive, "type").orElse("tcp");
        if (!type.equals("http")) {
            upstream.findings().leftOut(directive, "checks are HTTP requests; add a path under health");
            return;
        }
        upstream.findings().used(directive);
        Matcher sent = SENT_PATH.matcher(upstream.value("check_http_send").orElse("GET / "));
        health.put("path", sent.lookingAt() ? sent.group(1) : "/");
        put(health, "interval", millis(directive, "interval", 30_000));
        put(health, "timeout", millis(directive, "timeout", 1_000));
        number(directive, "rise", 2, "rise", health);
        number(directive, "fall", 5, "fall", health);
        for (Directive alive : upstream.takeOwn("check_http_expect_alive")) {
            if (!alive.arguments().equals(List.of("http_2xx"))) {
                upstream.findings().differs(alive, "any 2xx passes, or the one status in health.expected-status");
            }
        }
    }

    private static Optional<String> parameter(Directive directive, String name) {
        return directive.arguments().stream()
                .filter(argument -> argument.startsWith(name + "="))
                .map(argument -> argument.substring(name.length() + 1))
                .findFirst();
    }

    private static void number(Directive directive, String name, int otherwise, String key, YamlMap health) {
        health.put(
                key,
                parameter(directive, name)
                        .flatMap(n -> Quantity.number(n, 1, 100))
                        .orElse(otherwise));
    }

    private static Duration millis(Directive directive, String name, int otherwise) {
        return Duration.ofMillis(parameter(directive, name)
                .flatMap(n -> Quantity.number(n, 1, 999_999_999))
                .orElse(otherwise));
    }

    private static void put(YamlMap health, String key, Duration duration) {
        health.put(key, Quantity.shown(duration.compareTo(SHORTEST) < 0 ? SHORTEST : duration));
    }
}
