package io.sluice.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.cli.CheckList.Finding;
import io.sluice.client.ApiClient;
import io.sluice.client.Poll;
import io.sluice.client.ProxyAdminClient;
import io.sluice.client.RefusedException;
import io.sluice.client.Reply;
import io.sluice.instance.api.InstancePaths;
import io.sluice.proxy.api.BackendView;
import io.sluice.proxy.api.DrainOperation;
import io.sluice.proxy.api.DrainState;
import io.sluice.proxy.api.HoldRequest;
import io.sluice.proxy.api.PoolView;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.LongSupplier;

/** The checks that an operator makes after a change, as a procedure. Leaves the fleet as it found it. */
final class Verification {
    private static final String HOLD = "verify";
    private static final int UNAUTHORIZED = 401;
    private static final Duration DRAIN_LIMIT = Duration.ofSeconds(10);

    /** A backend is back after one passed probe; several intervals of the slowest sensible prober. */
    private static final Duration BACK_LIMIT = Duration.ofSeconds(15);

    private final Parts parts;
    private final CheckList list;
    private final Plan plan;

    /** Who to ask; {@code instance} gives a client for an admin URL. */
    record Parts(
            ProxyAdminClient proxy,
            Optional<ApiClient> engine,
            Optional<ApiClient> traffic,
            Function<String, ApiClient> instance,
            LongSupplier nanoTime) {}

    /** What to send. */
    record Plan(String path, int requests) {}

    Verification(Parts parts, Plan plan, CheckList list) {
        this.parts = parts;
        this.plan = plan;
        this.list = list;
    }

    void run() {
        list.check("proxy is ready", () -> ready(parts.proxy().api()));
        list.check(
                "engine is ready",
                () -> parts.engine()
                        .map(engine -> unlessLocked(engine, "--engine-token", () -> ready(engine)))
                        .orElse(unknown("--engine-url")));
        list.check(
                "proxy's public health",
                () -> parts.traffic().map(this::publicHealth).orElse(unknown("--traffic-url")));
        for (PoolView pool : parts.proxy().pools()) {
            pool.backends().forEach(this::instance);
            list.check(pool.pool() + ": one configuration", () -> sameConfiguration(pool));
            parts.traffic().ifPresent(traffic -> withTraffic(pool, traffic));
        }
    }

    private void withTraffic(PoolView pool, ApiClient traffic) {
        list.check(
                pool.pool() + ": " + plan.requests() + " requests over all instances",
                () -> distribution(pool, traffic));
        List<BackendView> eligible =
                pool.backends().stream().filter(BackendView::eligible).toList();
        if (eligible.size() < 2) {
            list.check(pool.pool() + ": drain and undrain", () -> Finding.skipped("it needs two instances in service"));
            return;
        }
        BackendView last = eligible.get(eligible.size() - 1);
        Undo.atExit(() -> release(pool, last), () -> drainAndUndrain(pool, last, traffic));
        failover(pool.pool(), last, traffic);
    }

    private void failover(String pool, BackendView backend, ApiClient traffic) {
        Optional<String> against = parts.proxy().pools().stream()
                .filter(now -> now.pool().equals(pool))
                .findAny()
                .map(FailoverCheck::reasonAgainst)
                .orElse(Optional.of("there is no such pool any more"));
        String url = backend.adminUrl();
        if (against.isPresent() || url == null) {
            String why = against.orElse("the proxy knows no admin address for " + backend.id());
            list.check(pool + ": failover", () -> Finding.skipped(why));
            return;
        }
        ApiClient instance = parts.instance().apply(url);
        if (!instance.hasToken()) {
            list.check(pool + ": failover", () -> needsToken("--instance-token"));
            return;
        }
        new FailoverCheck(parts.proxy(), backend, instance, parts.nanoTime(), list).run(() -> sample(traffic));
    }

    private static Finding ready(ApiClient api) {
        Reply reply = open(api.call("GET", "/readyz", null, Map.of()));
        return Finding.of(
                reply.isSuccess(), reply.isSuccess() ? "" : "HTTP status " + reply.status() + " " + reply.text());
    }

    private Finding publicHealth(ApiClient traffic) {
        Reply reply = traffic.call("GET", "/proxy-health", null, Map.of());
        return Finding.of(reply.isSuccess(), "HTTP status " + reply.status());
    }

    private void instance(BackendView backend) {
        String url = backend.adminUrl();
        if (url == null) {
            list.check(backend.id() + " is healthy", () -> Finding.skipped("the proxy knows no admin address for it"));
            return;
        }
        ApiClient api = parts.instance().apply(url);
        list.check(
                backend.id() + " is healthy",
                () -> unlessLocked(api, "--instance-token", () -> {
                    Reply health = open(api.call("GET", InstancePaths.HEALTH, null, Map.of()));
                    JsonNode body = health.json();
                    return Finding.of(health.isSuccess(), body.path("status").asText("HTTP status " + health.status()));
                }));
        list.check(
                backend.id() + " configuration",
                () -> unlessLocked(api, "--instance-token", () -> {
                    JsonNode version = api.get(InstancePaths.CONFIG_VERSION).json();
                    String hash = version.path("hash").asText("");
                    boolean known = hash.equals(backend.configHash());
                    return Finding.of(
                            known,
                            "generation " + version.path("generation").asText() + " " + StatusCommand.brief(hash)
                                    + (known ? "" : ", but the proxy saw " + backend.configHash()));
                }));
    }

    /** A part that asks for a token which nobody gave says nothing about its health. */
    private static Finding unlessLocked(ApiClient api, String flag, CheckList.Check check) {
        try {
            return check.run();
        } catch (RefusedException e) {
            if (e.status() == UNAUTHORIZED && !api.hasToken()) {
                return needsToken(flag);
            }
            throw e;
        }
    }

    private static Reply open(Reply reply) {
        return reply.status() == UNAUTHORIZED ? reply.orThrow() : reply;
    }

    private static Finding sameConfiguration(PoolView pool) {
        TreeSet<String> hashes = new TreeSet<>();
        pool.backends()
                .forEach(b -> hashes.add(b.configHash() == null ? "unknown" : StatusCommand.brief(b.configHash())));
        return Finding.of(hashes.size() == 1 && !hashes.contains("unknown"), String.join(", ", hashes));
    }

    private Finding distribution(PoolView pool, ApiClient traffic) {
        TrafficSample sample = sample(traffic);
        if (!sample.isFlawless()) {
            return Finding.failed(sample.flaws() + " (" + plan.path() + ")");
        }
        List<String> left = new ArrayList<>();
        for (BackendView backend : pool.backends()) {
            if (backend.eligible() && sample.of(backend) == 0) {
                left.add(backend.id());
            }
        }
        return Finding.of(
                left.isEmpty(),
                sample.distribution() + (left.isEmpty() ? "" : "; nothing for " + String.join(", ", left)));
    }

    private void drainAndUndrain(PoolView pool, BackendView backend, ApiClient traffic) {
        boolean[] held = {false};
        try {
            list.check(backend.id() + " drains", () -> drain(pool, backend, held));
            if (held[0]) {
                list.check(backend.id() + " gets nothing while drained, and nobody notices", () -> {
                    TrafficSample sample = sample(traffic);
                    boolean fine = sample.isFlawless() && sample.of(backend) == 0;
                    return Finding.of(fine, sample.isFlawless() ? sample.distribution() : sample.flaws());
                });
            }
        } finally {
            if (held[0]) {
                list.check(backend.id() + " comes back", () -> undrain(pool, backend, traffic));
            }
        }
    }

    private void release(PoolView pool, BackendView backend) {
        parts.proxy().release(pool.pool(), backend.id(), HOLD);
    }

    private Finding drain(PoolView pool, BackendView backend, boolean[] held) {
        DrainOperation drain;
        try {
            drain = parts.proxy().hold(pool.pool(), backend.id(), HOLD, new HoldRequest("sluice verify", DRAIN_LIMIT));
        } catch (RefusedException e) {
            if (e.problem().type().equals("floor-would-break")) {
                return Finding.skipped("the floor would break");
            }
            throw e;
        }
        held[0] = true;
        while (drain.state() == DrainState.DRAINING) {
            drain = parts.proxy().operation(drain.id());
        }
        return Finding.of(
                drain.state() == DrainState.DRAINED, drain.state().name().toLowerCase(Locale.ROOT));
    }

    private Finding undrain(PoolView pool, BackendView backend, ApiClient traffic) {
        release(pool, backend);
        boolean back = new Poll(parts.nanoTime())
                .until(
                        BACK_LIMIT,
                        () -> parts.proxy()
                                .find(backend.id())
                                .map(located -> located.backend().eligible())
                                .orElse(false));
        if (!back) {
            return Finding.failed("not in service after " + BACK_LIMIT.toSeconds() + " s");
        }
        TrafficSample sample = sample(traffic);
        boolean fine = sample.isFlawless() && sample.of(backend) > 0;
        return Finding.of(fine, sample.isFlawless() ? sample.distribution() : sample.flaws());
    }

    private TrafficSample sample(ApiClient traffic) {
        return TrafficSample.take(traffic, plan.path(), plan.requests());
    }

    private static Finding needsToken(String flag) {
        return Finding.skipped("it needs its token (flag: " + flag + ")");
    }

    private static Finding unknown(String flag) {
        return Finding.skipped("address unknown (flag: " + flag + ")");
    }
}
