package io.sluice.nginx;

import java.time.Duration;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One pool of the settings. */
final class Pool {
    /** A backend's failures are seen within this time at least; less is below what the proxy takes. */
    private static final Duration SHORTEST_FAIL_TIMEOUT = Duration.ofMillis(10);

    private static final int LONGEST_ID = 55;

    private final String name;
    private final List<UpstreamServer> servers;
    private final YamlMap settings;
    private final YamlMap checks = new YamlMap();

    /** @param settings how it balances; what follows from the servers is added here */
    Pool(String name, List<UpstreamServer> servers, YamlMap settings) {
        this.name = name;
        this.servers = List.copyOf(servers);
        this.settings = settings;
    }

    /** The same backends, spoken to with TLS. */
    Pool withTls(String newName, YamlMap tls) {
        Pool pool = new Pool(newName, servers, new YamlMap().putAll(settings).putAlways("tls", tls));
        pool.checks.putAll(checks);
        return pool;
    }

    /** How backends are spoken to with TLS; null when they are not. */
    @Nullable
    Object tls() {
        return settings.get("tls");
    }

    String name() {
        return name;
    }

    int size() {
        return (int) servers.stream().filter(server -> !server.down()).count();
    }

    /** Where active checks are noted. */
    YamlMap checks() {
        return checks;
    }

    YamlMap yaml() {
        YamlMap pool = new YamlMap().putAll(settings);
        servers.stream()
                .map(UpstreamServer::slowStart)
                .filter(Objects::nonNull)
                .max(Comparator.naturalOrder())
                .filter(window -> !window.isZero())
                .ifPresent(window -> pool.put("slow-start", new YamlMap().put("window", Quantity.shown(window))));
        return pool.put("health", health()).putAlways("backends", backends());
    }

    private YamlMap health() {
        YamlMap health = new YamlMap().putAll(checks);
        servers.stream()
                .max(Comparator.comparingInt(UpstreamServer::maxFails))
                .ifPresent(server -> health.put("max-fails", server.maxFails()));
        servers.stream()
                .map(UpstreamServer::failTimeout)
                .max(Comparator.naturalOrder())
                .ifPresent(longest -> health.put(
                        "fail-timeout",
                        Quantity.shown(
                                longest.compareTo(SHORTEST_FAIL_TIMEOUT) < 0 ? SHORTEST_FAIL_TIMEOUT : longest)));
        return health;
    }

    private YamlMap backends() {
        YamlMap backends = new YamlMap();
        Set<String> taken = new HashSet<>();
        for (UpstreamServer server : servers) {
            String id = Names.unique(id(server), taken);
            if (server.down()) {
                backends.comment("down: " + id + ", " + server.address());
                continue;
            }
            YamlMap backend = new YamlMap().put("address", server.address());
            if (server.weight() > 1) {
                backend.put("weight", server.weight());
            }
            if (server.maxInFlight() > 0) {
                backend.put("max-in-flight", server.maxInFlight());
            }
            backends.put(id, backend.put("backup", server.backup() ? Boolean.TRUE : null));
        }
        return backends;
    }

    /** The host alone where it says enough. */
    private String id(UpstreamServer server) {
        String host = host(server);
        long same = servers.stream().filter(other -> host(other).equals(host)).count();
        return Names.slug(same == 1 ? host : server.address(), LONGEST_ID);
    }

    private static String host(UpstreamServer server) {
        return server.address().substring(0, server.address().lastIndexOf(':'));
    }
}
