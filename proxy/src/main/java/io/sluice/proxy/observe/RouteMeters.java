package io.sluice.proxy.observe;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.sluice.proxy.forward.FinishedAttempt;
import io.sluice.proxy.forward.FinishedExchange;
import io.sluice.proxy.route.Route;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** The series of one route, which go when it does. */
final class RouteMeters {
    private static final String[] CLASSES = {"1xx", "2xx", "3xx", "4xx", "5xx"};
    private static final int SUMMARY_SERIES = 2;

    private record Claim(String metric, int series, SeriesBudget.Place place) {}

    private final MeterRegistry registry;
    private final SeriesBudget budget;
    private final String pool;
    private final String name;
    private final Map<Meter, Claim> claims = new HashMap<>();

    private final Counter[] requests = new Counter[CLASSES.length];
    private final Timer duration;
    private final Timer head;
    private final DistributionSummary received;
    private final DistributionSummary sent;

    RouteMeters(MeterRegistry registry, SeriesBudget budget, Route route) {
        this.registry = registry;
        this.budget = budget;
        this.pool = route.pool();
        this.name = route.name();
        for (int i = 0; i < CLASSES.length; i++) {
            requests[i] = requests(CLASSES[i]);
        }
        duration = timer("sluice.proxy.request.duration", "From the request head to the end of the response.");
        head = timer("sluice.proxy.upstream.head.duration", "From the choice of a backend to its response head.");
        received = bytes("sluice.proxy.request.bytes", "Request bodies.");
        sent = bytes("sluice.proxy.response.bytes", "Response bodies.");
    }

    private <M extends Meter> M claim(String metric, String variant, int series, Function<Tags, M> register) {
        SeriesBudget.Place place = budget.claim(metric, variant, series, pool, name);
        M meter = register.apply(Tags.of("pool", place.pool(), "route", place.name()));
        claims.put(meter, new Claim(metric, series, place));
        return meter;
    }

    private Counter requests(String code) {
        String metric = "sluice.proxy.requests";
        return claim(
                metric,
                code,
                1,
                tags -> Counter.builder(metric)
                        .description("Requests answered, by class of status.")
                        .tags(tags.and("code", code))
                        .register(registry));
    }

    private Timer timer(String metric, String description) {
        return claim(
                metric,
                "",
                Latency.SERIES,
                tags -> Latency.timer(metric, description).tags(tags).register(registry));
    }

    private DistributionSummary bytes(String metric, String description) {
        return claim(
                metric,
                "",
                SUMMARY_SERIES,
                tags -> DistributionSummary.builder(metric)
                        .description(description)
                        .baseUnit("bytes")
                        .tags(tags)
                        .register(registry));
    }

    void count(FinishedExchange exchange) {
        int codeClass = exchange.status() / 100;
        if (codeClass >= 1 && codeClass <= CLASSES.length) {
            requests[codeClass - 1].increment();
        }
        duration.record(exchange.durationNanos(), TimeUnit.NANOSECONDS);
        received.record((double) exchange.requestBytes());
        sent.record((double) exchange.responseBytes());
        FinishedAttempt attempt = exchange.lastAttempt();
        while (attempt != null) {
            if (attempt.headNanos() > 0) {
                head.record(attempt.headNanos(), TimeUnit.NANOSECONDS);
            }
            attempt = attempt.previous();
        }
    }

    /** Whether its labels are those of this route. */
    boolean isOf(Route route) {
        return pool.equals(route.pool());
    }

    /** Takes the series away; what others share stays. */
    void remove() {
        claims.forEach((meter, claim) -> {
            budget.giveBack(claim.metric(), claim.series(), claim.place());
            if (!claim.place().isShared()) {
                registry.remove(meter);
            }
        });
        claims.clear();
    }
}
