package io.sluice.proxy.observe;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.sluice.proxy.api.BreakerState;
import io.sluice.proxy.api.Health;
import io.sluice.proxy.pool.Backend;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToDoubleFunction;

/** What can be read off a backend at any time; those without series of their own are added up by pool. Thread-safe. */
final class BackendGauges {
    /** All gauges have the same labels, so that one stands for them in the budget. */
    private static final String BUDGET = "sluice.proxy.backend";

    /**
     * One gauge.
     *
     * @param own its value for one backend
     * @param share what one backend adds where several are one series
     */
    private record Kind(
            String name, String description, ToDoubleFunction<Backend> own, ToDoubleFunction<Backend> share) {
        static Kind sum(String name, String description, ToDoubleFunction<Backend> value) {
            return new Kind(BUDGET + name, description, value, value);
        }
    }

    private static final List<Kind> KINDS = List.of(
            Kind.sum(".in.flight", "Requests and tunnels on the backend.", Backend::inFlight),
            Kind.sum(".eligible", "1 when it may get a request.", each -> each.isEligible() ? 1 : 0),
            Kind.sum(
                    ".up", "1 when its checks pass.", each -> each.observation().health() == Health.UP ? 1 : 0),
            new Kind(
                    BUDGET + ".breaker",
                    "What failures of traffic led to: 0 closed, 1 half open (one request at a time), 2 open (none).",
                    each -> breaker(each.breaker()),
                    each -> each.breaker() == BreakerState.CLOSED ? 0 : 1));

    /** The gauges of one backend id; a new incarnation takes them over. */
    final class OfBackend {
        private final SeriesBudget.Place place;
        private final List<Meter> meters = new ArrayList<>();
        private volatile Backend current;

        private OfBackend(Backend backend, SeriesBudget.Place place) {
            this.current = backend;
            this.place = place;
        }

        private void register() {
            for (Kind kind : KINDS) {
                meters.add(Gauge.builder(kind.name(), this, each -> kind.own().applyAsDouble(each.current))
                        .description(kind.description())
                        .tags("pool", place.pool(), "backend", place.name())
                        .register(registry));
            }
        }

        void takeOver(Backend incarnation) {
            current = incarnation;
        }

        Backend current() {
            return current;
        }

        void remove() {
            meters.forEach(registry::remove);
            budget.giveBack(BUDGET, 1, place);
            BackendGauges.this.leave(this);
        }
    }

    /** The backends of one pool that have no series of their own. */
    private static final class Others {
        private final Set<OfBackend> members = ConcurrentHashMap.newKeySet();

        double sum(ToDoubleFunction<Backend> value) {
            return members.stream()
                    .mapToDouble(each -> value.applyAsDouble(each.current))
                    .sum();
        }
    }

    private final MeterRegistry registry;
    private final SeriesBudget budget;

    @GuardedBy("this")
    private final Map<SeriesBudget.Place, Others> others = new HashMap<>();

    BackendGauges(MeterRegistry registry, SeriesBudget budget) {
        this.registry = registry;
        this.budget = budget;
    }

    private static int breaker(BreakerState state) {
        return switch (state) {
            case CLOSED -> 0;
            case HALF_OPEN -> 1;
            case OPEN -> 2;
        };
    }

    synchronized OfBackend add(Backend backend) {
        OfBackend own = new OfBackend(backend, budget.claim(BUDGET, "", 1, backend.pool(), backend.id()));
        if (own.place.isShared()) {
            others.computeIfAbsent(own.place, this::registerOthers).members.add(own);
        } else {
            own.register();
        }
        return own;
    }

    private Others registerOthers(SeriesBudget.Place place) {
        Others added = new Others();
        for (Kind kind : KINDS) {
            Gauge.builder(kind.name(), added, each -> each.sum(kind.share()))
                    .description(kind.description())
                    .tags("pool", place.pool(), "backend", place.name())
                    .register(registry);
        }
        return added;
    }

    /** A pool is gone; its backends have left before. */
    synchronized void forget(String pool) {
        others.keySet().removeIf(place -> place.pool().equals(pool));
    }

    private synchronized void leave(OfBackend gone) {
        Others shared = others.get(gone.place);
        if (shared != null) {
            shared.members.remove(gone);
        }
    }
}
