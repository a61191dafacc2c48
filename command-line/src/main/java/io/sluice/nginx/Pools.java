package io.sluice.nginx;

import io.sluice.nginx.syntax.Directive;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Every {@code upstream}, and every address that something is passed to without one. */
final class Pools {
    private static final int LONGEST_NAME = 60;

    private final Findings findings;
    private final Map<String, Pool> byName = new LinkedHashMap<>();
    /** Those that something is forwarded to without TLS. */
    private final Set<String> plain = new HashSet<>();

    private int idle;
    private @Nullable Duration idleTimeout;

    Pools(Findings findings) {
        this.findings = findings;
    }

    /** Reads an {@code upstream} block. */
    void declare(Directive upstream, Scope outer) {
        findings.used(upstream);
        Scope scope = outer.inner(upstream);
        List<UpstreamServer> servers = new ArrayList<>();
        for (Directive server : scope.own("server")) {
            UpstreamServer.read(server, findings).ifPresent(servers::add);
        }
        compare(scope.own("server"), servers);
        YamlMap settings = Balancing.read(scope).comment(upstream.position() + " " + upstream.shown());
        scope.takeOwn("queue").forEach(queue -> queue(queue, settings));
        connections(scope);
        Pool pool = new Pool(upstream.argument(0), servers, settings);
        byName.put(upstream.argument(0), pool);
        HealthChecks.ofUpstream(scope, pool.checks());
    }

    private void queue(Directive queue, YamlMap settings) {
        Quantity.number(queue.argument(0), 0, 1_000_000).ifPresent(most -> settings.put("queue-limit", most));
        findings.differs(queue, "how long a request waits is the route's queue-timeout (1s), not the queue's");
    }

    private void connections(Scope scope) {
        for (Directive directive : scope.takeOwn("keepalive")) {
            idle = Math.max(
                    idle, Quantity.number(directive.argument(0), 1, 10_000).orElse(0));
            findings.differs(
                    directive, "listener.upstream.max-idle: for each backend and event loop, the same for all pools");
        }
        for (Directive directive : scope.takeOwn("keepalive_timeout")) {
            Duration timeout = Quantity.time(directive.argument(0)).orElse(null);
            if (timeout != null && (idleTimeout == null || timeout.compareTo(idleTimeout) < 0)) {
                idleTimeout = timeout;
            }
            findings.differs(directive, "listener.upstream.idle-timeout: the same for all pools, the shortest one");
        }
    }

    /** A pool has one rule for passive health. */
    private void compare(List<Directive> directives, List<UpstreamServer> servers) {
        long rules = servers.stream()
                .map(server -> List.of(server.maxFails(), server.failTimeout()))
                .distinct()
                .count();
        if (rules > 1) {
            findings.differs(
                    directives.get(0),
                    "max-fails and fail-timeout are the same for all backends of a pool: the largest of each");
        }
    }

    /** The pool for what follows the scheme in {@code proxy_pass}, up to the first slash; empty when it is no address. */
    Optional<Pool> of(String authority, int defaultPort, Directive origin) {
        Pool declared = byName.get(authority);
        if (declared != null) {
            return Optional.of(declared);
        }
        return UpstreamServer.address(authority, defaultPort).map(address -> {
            String name = Names.slug(address, LONGEST_NAME);
            YamlMap settings = new YamlMap()
                    .comment(origin.position() + " " + origin.shown())
                    .put("balance", "round-robin");
            return byName.computeIfAbsent(name, n -> new Pool(n, List.of(UpstreamServer.at(address)), settings));
        });
    }

    /** Notes that something is forwarded to it as it is. */
    Pool withoutTls(Pool pool) {
        plain.add(pool.name());
        return pool;
    }

    /** The pool with the same backends as another one, spoken to with TLS. A second way to speak to them is left out. */
    Pool withTls(Pool plain, YamlMap tls, Directive origin) {
        Pool pool = byName.computeIfAbsent(plain.name() + "-tls", name -> plain.withTls(name, tls));
        if (pool.tls() instanceof YamlMap first && !first.saysTheSame(tls)) {
            findings.leftOut(origin, "a pool speaks TLS in one way, here as the first location that names it says");
        }
        return pool;
    }

    boolean isDeclared(String name) {
        return byName.containsKey(name);
    }

    Set<String> names() {
        return byName.keySet();
    }

    YamlMap yaml() {
        YamlMap pools = new YamlMap();
        byName.forEach((name, pool) -> {
            boolean base = byName.containsKey(name + "-tls") && !plain.contains(name);
            if (!base) {
                pools.put(name, pool.yaml());
            }
        });
        return pools;
    }

    /** The listener's section {@code upstream}. */
    YamlMap listenerSection() {
        return new YamlMap()
                .put("max-idle", idle == 0 ? null : idle)
                .put("idle-timeout", idleTimeout == null ? null : Quantity.shown(idleTimeout));
    }
}
