package io.sluice.nginx;

import io.sluice.nginx.syntax.Directive;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which port is spoken plainly and which with TLS: the proxy has one of each. The usual ones if the file has them, else the first.
 *
 * @param plain 0 for none
 * @param tls 0 for none
 * @param plainDefault the server that answers for names that nobody has; null when there is no such port
 */
record Ports(
        int plain,
        int tls,
        @Nullable VirtualServer plainDefault,
        @Nullable VirtualServer tlsDefault) {
    private static final int HTTP = 80;
    private static final int HTTPS = 443;

    static Ports choose(List<VirtualServer> servers, Findings findings) {
        int plain = choose(servers, false, HTTP);
        int tls = choose(servers, true, HTTPS);
        if (tls != 0 && servers.stream().noneMatch(s -> s.listensOn(tls) && TlsSection.hasCertificate(s.scope()))) {
            servers.stream()
                    .flatMap(s -> s.listens().stream())
                    .filter(Listen::tls)
                    .forEach(listen -> findings.leftOut(listen.directive(), "no server has a certificate"));
            return of(plain, 0, servers, findings);
        }
        return of(plain, tls, servers, findings);
    }

    private static Ports of(int plain, int tls, List<VirtualServer> servers, Findings findings) {
        for (VirtualServer server : servers) {
            List<Listen> elsewhere = new ArrayList<>(server.listens());
            elsewhere.removeIf(listen -> listen.port() == plain || listen.port() == tls);
            elsewhere.removeIf(listen ->
                    listen.directive().is("server") && server.listens().size() > 1);
            for (Listen listen : elsewhere) {
                findings.leftOut(
                        listen.directive(),
                        "the proxy has one port without TLS" + shown(plain) + " and one with it" + shown(tls)
                                + "; start another proxy for this one");
            }
        }
        return new Ports(plain, tls, defaultOn(plain, servers), defaultOn(tls, servers));
    }

    private static String shown(int port) {
        return port == 0 ? "" : ", " + port;
    }

    private static int choose(List<VirtualServer> servers, boolean tls, int usual) {
        List<Integer> ports = servers.stream()
                .flatMap(server -> server.listens().stream())
                .filter(listen -> listen.tls() == tls)
                .map(Listen::port)
                .toList();
        return ports.contains(usual) ? usual : ports.isEmpty() ? 0 : ports.get(0);
    }

    private static @Nullable VirtualServer defaultOn(int port, List<VirtualServer> servers) {
        Optional<VirtualServer> named =
                servers.stream().filter(s -> s.isDefaultOn(port)).findFirst();
        return named.or(() -> servers.stream().filter(s -> s.listensOn(port)).findFirst())
                .filter(s -> port != 0)
                .orElse(null);
    }

    /** The server whose settings hold for the whole listener. */
    @Nullable
    VirtualServer leading() {
        return plainDefault != null ? plainDefault : tlsDefault;
    }

    /** Whether routes have to say which scheme they are for, since the two ports do not have the same servers. */
    boolean differ(List<VirtualServer> servers) {
        return plain != 0
                && tls != 0
                && (!Objects.equals(plainDefault, tlsDefault)
                        || servers.stream().anyMatch(s -> s.listensOn(plain) != s.listensOn(tls)));
    }

    boolean serves(VirtualServer server) {
        return (plain != 0 && server.listensOn(plain)) || (tls != 0 && server.listensOn(tls));
    }

    /** The schemes under which a server is reached; a single empty one when it does not matter. */
    List<String> schemes(VirtualServer server, boolean split) {
        if (!split) {
            return List.of("");
        }
        List<String> schemes = new ArrayList<>();
        if (plain != 0 && server.listensOn(plain)) {
            schemes.add("http");
        }
        if (tls != 0 && server.listensOn(tls)) {
            schemes.add("https");
        }
        return schemes;
    }

    boolean isDefault(VirtualServer server, String scheme) {
        VirtualServer holder = scheme.equals("https") || plain == 0 ? tlsDefault : plainDefault;
        return server.equals(holder);
    }

    /** The hosts of a server's routes: none where it takes what is left, besides names that another server's wildcard would take. */
    Set<String> hosts(VirtualServer server, String scheme, List<VirtualServer> servers) {
        Set<String> hosts = new LinkedHashSet<>(server.names());
        if (!isDefault(server, scheme)) {
            return hosts;
        }
        Set<String> wildcards = new HashSet<>();
        for (VirtualServer other : servers) {
            if (!other.equals(server)) {
                other.names().stream().filter(name -> name.startsWith("*.")).forEach(wildcards::add);
            }
        }
        hosts.removeIf(name -> wildcards.stream().noneMatch(wildcard -> name.endsWith(wildcard.substring(1))));
        hosts.add("");
        return hosts;
    }

    /** Marks the block of a server that is on neither port. */
    static void leaveOut(Directive block, Findings findings) {
        findings.leftOut(block, "it listens on none of the ports that the proxy has, so it has no routes");
    }
}
