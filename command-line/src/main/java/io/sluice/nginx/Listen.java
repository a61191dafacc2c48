package io.sluice.nginx;

import io.sluice.nginx.syntax.Directive;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * One {@code listen}.
 *
 * @param host empty for every address of the machine
 */
record Listen(
        Directive directive,
        String host,
        int port,
        boolean tls,
        boolean http2,
        boolean proxyProtocol,
        boolean isDefault) {
    private static final int PORT = 80;
    private static final Set<String> OF_THE_SYSTEM = Set.of(
            "deferred",
            "bind",
            "reuseport",
            "ipv6only",
            "backlog",
            "rcvbuf",
            "sndbuf",
            "so_keepalive",
            "setfib",
            "fastopen",
            "accept_filter");

    /** What a server without {@code listen} does. */
    static Listen ordinary(Directive server) {
        return new Listen(server, "", PORT, false, false, false, false);
    }

    /** Empty, with a finding, when the proxy cannot listen there. */
    static Optional<Listen> read(Directive directive, boolean sslOn, Findings findings) {
        String address = directive.argument(0);
        List<String> parameters = directive.arguments().isEmpty()
                ? List.of()
                : directive.arguments().subList(1, directive.arguments().size());
        Optional<Integer> port = port(address);
        if (port.isEmpty() || parameters.contains("quic")) {
            findings.leftOut(
                    directive,
                    parameters.contains("quic") ? "HTTP/3 is not spoken" : "the proxy listens on TCP ports only");
            return Optional.empty();
        }
        findings.used(directive);
        for (String parameter : parameters) {
            String name = parameter.replaceAll("=.*", "");
            if (!Set.of("default_server", "default", "ssl", "http2", "proxy_protocol")
                    .contains(name)) {
                note(directive, name, findings);
            }
        }
        return Optional.of(new Listen(
                directive,
                host(address),
                port.get(),
                sslOn || parameters.contains("ssl"),
                parameters.contains("http2"),
                parameters.contains("proxy_protocol"),
                parameters.contains("default_server") || parameters.contains("default")));
    }

    private static void note(Directive directive, String name, Findings findings) {
        if (OF_THE_SYSTEM.contains(name)) {
            findings.differs(directive, name + ": options of the socket cannot be chosen");
        } else {
            findings.leftOut(directive, name + " is not spoken");
        }
    }

    private static Optional<Integer> port(String address) {
        if (address.startsWith("unix:") || address.isEmpty()) {
            return Optional.empty();
        }
        String last = address.substring(address.lastIndexOf(':') + 1);
        boolean hostOnly = address.endsWith("]") || (address.indexOf(':') < 0 && !address.matches("\\d+"));
        return hostOnly ? Optional.of(PORT) : Quantity.number(last, 1, 65_535);
    }

    private static String host(String address) {
        String host = address.matches("\\d+") ? "" : address.replaceFirst(":\\d+$", "");
        return Set.of("*", "0.0.0.0", "[::]").contains(host) ? "" : host.replaceAll("[\\[\\]]", "");
    }
}
