package io.sluice.nginx;

import io.sluice.nginx.syntax.Directive;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One {@code server} of an {@code upstream}.
 *
 * @param maxInFlight 0 for as many as come
 * @param slowStart null for none
 */
record UpstreamServer(
        String address,
        int weight,
        int maxFails,
        Duration failTimeout,
        int maxInFlight,
        boolean backup,
        boolean down,
        @Nullable Duration slowStart) {
    private static final String HOST = "(?:[0-9A-Za-z._-]+|\\[[0-9A-Fa-f:.%]+])";
    private static final int PORT = 80;

    /** nginx' own defaults. */
    static UpstreamServer at(String address) {
        return new UpstreamServer(address, 1, 1, Duration.ofSeconds(10), 0, false, false, null);
    }

    /** {@code host} or {@code host:port} with a port; empty for anything else, such as a Unix socket. */
    static Optional<String> address(String text, int defaultPort) {
        if (text.matches(HOST)) {
            return Optional.of(text + ":" + defaultPort);
        }
        boolean valid = text.matches(HOST + ":\\d{1,5}")
                && Quantity.number(text.substring(text.lastIndexOf(':') + 1), 1, 65_535)
                        .isPresent();
        return valid ? Optional.of(text) : Optional.empty();
    }

    /** Empty, with a finding, when it cannot be a backend. */
    static Optional<UpstreamServer> read(Directive directive, Findings findings) {
        Optional<String> address = address(directive.argument(0), PORT);
        if (address.isEmpty()) {
            findings.leftOut(directive, "backends are host:port; a Unix socket or a variable cannot be one");
            return Optional.empty();
        }
        findings.used(directive);
        UpstreamServer server = at(address.get());
        for (String parameter :
                directive.arguments().subList(1, directive.arguments().size())) {
            server = server.with(parameter, directive, findings);
        }
        return Optional.of(server);
    }

    private UpstreamServer with(String parameter, Directive directive, Findings findings) {
        int equals = parameter.indexOf('=');
        String value = parameter.substring(equals + 1);
        String name = equals < 0 ? parameter : parameter.substring(0, equals);
        switch (name) {
            case "weight" -> {
                Optional<Integer> number = Quantity.number(value, 1, 1_000);
                if (number.isEmpty()) {
                    findings.leftOut(directive, "weights are 1 to 1000; this backend gets 1000");
                }
                return changed(number.orElse(1_000), maxFails, failTimeout, maxInFlight);
            }
            case "max_fails" -> {
                return changed(weight, Quantity.number(value, 0, 1_000_000).orElse(maxFails), failTimeout, maxInFlight);
            }
            case "fail_timeout" -> {
                return changed(weight, maxFails, Quantity.time(value).orElse(failTimeout), maxInFlight);
            }
            case "max_conns" -> {
                return changed(
                        weight,
                        maxFails,
                        failTimeout,
                        Quantity.number(value, 0, 1_000_000).orElse(0));
            }
            case "slow_start" -> {
                Duration window = Quantity.time(value).orElse(null);
                return new UpstreamServer(address, weight, maxFails, failTimeout, maxInFlight, backup, down, window);
            }
            case "backup" -> {
                return new UpstreamServer(address, weight, maxFails, failTimeout, maxInFlight, true, down, slowStart);
            }
            case "down" -> {
                findings.differs(
                        directive,
                        "down: it is not among the backends; add it through the admin API, or hold one there, when it should come and go");
                return new UpstreamServer(address, weight, maxFails, failTimeout, maxInFlight, backup, true, slowStart);
            }
            default -> findings.leftOut(directive, parameter + " has no counterpart; the backend is there without it");
        }
        return this;
    }

    private UpstreamServer changed(int newWeight, int newMaxFails, Duration newFailTimeout, int newMaxInFlight) {
        return new UpstreamServer(
                address, newWeight, newMaxFails, newFailTimeout, newMaxInFlight, backup, down, slowStart);
    }
}
