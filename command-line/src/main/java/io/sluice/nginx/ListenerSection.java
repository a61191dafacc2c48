package io.sluice.nginx;

import io.sluice.nginx.syntax.Directive;
import io.sluice.proxy.forward.TrustedPeers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The section {@code listener}: what nginx says for each server, and the proxy for all of them. */
final class ListenerSection {
    private final List<VirtualServer> servers;
    private final Ports ports;
    private final Scope leading;
    private final Findings findings;
    private final YamlMap listener = new YamlMap();

    /** @param http what holds where there is no server */
    ListenerSection(List<VirtualServer> servers, Ports ports, Scope http) {
        this.servers = servers;
        this.ports = ports;
        VirtualServer leader = ports.leading();
        this.leading = leader == null ? http : leader.scope();
        this.findings = http.findings();
    }

    YamlMap read(YamlMap upstream, Path relativeTo) {
        host();
        if (ports.plain() != 0) {
            listener.put("port", ports.plain());
        }
        protocols();
        timeouts();
        heads();
        clients();
        listener.put("upstream", upstream);
        if (ports.tls() != 0) {
            listener.put("tls", new TlsSection(servers, ports, relativeTo).read());
        }
        return listener;
    }

    private void host() {
        Set<String> hosts = new LinkedHashSet<>();
        listens().forEach(listen -> hosts.add(listen.host()));
        if (hosts.size() == 1 && !hosts.contains("")) {
            listener.put("host", hosts.iterator().next());
        } else if (hosts.size() > 1) {
            listens().stream()
                    .filter(listen -> !listen.host().isEmpty())
                    .forEach(listen -> findings.differs(
                            listen.directive(),
                            "the proxy listens on one address, here on all; servers are told apart by name only"));
        }
    }

    private List<Listen> listens() {
        return servers.stream()
                .flatMap(server -> server.listens().stream())
                .filter(listen -> listen.port() == ports.plain() || listen.port() == ports.tls())
                .toList();
    }

    private void protocols() {
        boolean http2 = listens().stream().anyMatch(listen -> listen.http2() && !listen.tls());
        boolean offered = http2 || (leading.isOn("http2") && ports.plain() != 0);
        listener.put("http2", offered ? Boolean.TRUE : null);
        List<String> trusted = trustedPeers();
        List<Listen> prefixed = listens().stream().filter(Listen::proxyProtocol).toList();
        if (prefixed.isEmpty()) {
            listener.put("trusted-peers", trusted);
            return;
        }
        if (trusted.isEmpty()) {
            prefixed.forEach(
                    listen -> findings.leftOut(
                            listen.directive(),
                            "proxy_protocol: without set_real_ip_from nobody is named who may send it; set listener.trusted-peers and proxy-protocol"));
            return;
        }
        listener.put("proxy-protocol", true).put("trusted-peers", trusted);
        if (prefixed.size() < listens().size()) {
            prefixed.forEach(
                    listen -> findings.differs(listen.directive(), "proxy_protocol holds for both ports of the proxy"));
        }
    }

    private List<String> trustedPeers() {
        Set<String> trusted = new LinkedHashSet<>();
        for (VirtualServer server : servers) {
            for (Directive directive : server.scope().takeAll("set_real_ip_from")) {
                if (isBlock(directive.argument(0))) {
                    trusted.add(directive.argument(0));
                } else {
                    findings.leftOut(directive, "trusted-peers are addresses and blocks of them");
                }
            }
            realIp(server.scope());
        }
        return new ArrayList<>(trusted);
    }

    private static boolean isBlock(String text) {
        try {
            TrustedPeers.of(List.of(text));
            return true;
        } catch (IllegalArgumentException malformed) {
            return false;
        }
    }

    private void realIp(Scope scope) {
        Directive header = scope.take("real_ip_header");
        if (header != null && !header.argument(0).matches("(?i)x-forwarded-for|proxy_protocol")) {
            findings.leftOut(
                    header, "who the client is comes from X-Forwarded-For or the PROXY protocol; see trusted-peers");
        }
        Directive recursive = scope.take("real_ip_recursive");
        if (header != null
                && header.argument(0).equalsIgnoreCase("x-forwarded-for")
                && (recursive == null || recursive.argument(0).equals("off"))) {
            findings.differs(
                    recursive == null ? header : recursive,
                    "the client is the last address that is not trusted, as with real_ip_recursive on");
        }
    }

    private void timeouts() {
        time("client_header_timeout", "head-timeout");
        time("keepalive_timeout", "keep-alive-timeout");
    }

    private void time(String name, String key) {
        Directive directive = same(name);
        if (directive == null) {
            return;
        }
        Optional<Duration> time = Quantity.time(directive.argument(0)).filter(duration -> !duration.isZero());
        if (time.isPresent()) {
            listener.put(key, Quantity.shown(time.get()));
        } else {
            findings.leftOut(directive, "connections are kept between requests, if only shortly: set listener." + key);
        }
    }

    private void heads() {
        Directive buffers = same("large_client_header_buffers");
        Optional<Integer> count = buffers == null ? Optional.empty() : Quantity.number(buffers.argument(0), 1, 1_000);
        Optional<Long> each = buffers == null ? Optional.empty() : Quantity.bytes(buffers.argument(1));
        if (count.isPresent() && each.isPresent()) {
            listener.put("max-uri", Quantity.shown(Math.max(128, each.get())));
            listener.put("max-header", Quantity.shown(Math.max(1_024, each.get() * count.get())));
        }
    }

    /** Connections for each client, which nginx counts by place and the proxy by listener. */
    private void clients() {
        int most = 0;
        for (VirtualServer server : servers) {
            most = Math.max(most, ConnectionLimits.largest(server));
        }
        listener.put("max-connections-per-client", most == 0 ? null : most);
    }

    /** What the leading server says; others that say something else are told so. */
    private @Nullable Directive same(String name) {
        Directive leader = leading.take(name);
        for (VirtualServer server : servers) {
            Directive own = server.scope().take(name);
            if (own != null && (leader == null || !leader.arguments().equals(own.arguments()))) {
                findings.differs(
                        own,
                        "it is the same for all servers of the proxy: what holds for the default server"
                                + (leader == null
                                        ? ", here nothing"
                                        : ", line " + leader.position().line()));
            }
        }
        return leader;
    }
}
