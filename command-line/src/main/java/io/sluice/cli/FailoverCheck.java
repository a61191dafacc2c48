package io.sluice.cli;

import io.sluice.cli.CheckList.Finding;
import io.sluice.client.ApiClient;
import io.sluice.client.Poll;
import io.sluice.client.ProxyAdminClient;
import io.sluice.instance.api.DrainRequest;
import io.sluice.instance.api.InstancePaths;
import io.sluice.proxy.api.BackendView;
import io.sluice.proxy.api.PoolView;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Whether traffic moves away from an instance that goes, and comes back with it. The instance says at its health that it is going, as on
 * SIGTERM, while nobody tells the proxy, which has to find out. It takes requests for far longer than the proxy may need for that, and is
 * told to stay before: so no request fails even where the proxy never notices. To really stop it would fail what it is answering.
 */
final class FailoverCheck {
    private static final String HOLDER = "verify";

    /** Several failed checks at the slowest sensible interval, and then several passed ones. */
    private static final Duration LIMIT = Duration.ofSeconds(15);

    private static final Duration GRACE = LIMIT.multipliedBy(20);

    private final ProxyAdminClient proxy;
    private final BackendView backend;
    private final ApiClient instance;
    private final Poll poll;
    private final CheckList list;

    FailoverCheck(
            ProxyAdminClient proxy, BackendView backend, ApiClient instance, LongSupplier nanoTime, CheckList list) {
        this.proxy = proxy;
        this.backend = backend;
        this.instance = instance;
        this.poll = new Poll(nanoTime);
        this.list = list;
    }

    /** Why it would not be safe to take one instance of the pool out behind the proxy's back; empty when it is. */
    static Optional<String> reasonAgainst(PoolView now) {
        if (now.inService() <= Math.max(1, now.minInService())) {
            return Optional.of("the floor would break");
        }
        boolean changing = now.backends().stream()
                .anyMatch(one -> !one.eligible() || !one.holds().isEmpty());
        return changing ? Optional.of("somebody is taking instances out already") : Optional.empty();
    }

    /** Runs it, with {@code sample} sending requests and telling who answered. */
    void run(Supplier<TrafficSample> sample) {
        Undo.atExit(this::stay, () -> {
            try {
                list.check(backend.id() + " says that it goes: traffic fails over, and nobody notices", () -> {
                    go();
                    return left(sample);
                });
            } finally {
                list.check(backend.id() + " stays: traffic comes back", () -> returned(sample));
            }
        });
    }

    private void go() {
        DrainRequest request = new DrainRequest(HOLDER, GRACE.toMillis(), null);
        instance.call("POST", InstancePaths.DRAIN, request, Map.of()).orThrow();
    }

    private void stay() {
        DrainRequest request = new DrainRequest(HOLDER, null, null);
        instance.call("POST", InstancePaths.UNDRAIN, request, Map.of()).orThrow();
    }

    private Finding left(Supplier<TrafficSample> sample) {
        TrafficSample meanwhile = sample.get();
        if (!poll.until(LIMIT, () -> !isEligible())) {
            return Finding.failed("the proxy has not noticed within " + LIMIT.toSeconds() + " s");
        }
        TrafficSample without = sample.get();
        if (!meanwhile.isFlawless() || !without.isFlawless()) {
            return Finding.failed(meanwhile.isFlawless() ? without.flaws() : meanwhile.flaws());
        }
        return Finding.of(without.of(backend) == 0, without.distribution());
    }

    private Finding returned(Supplier<TrafficSample> sample) {
        stay();
        if (!poll.until(LIMIT, this::isEligible)) {
            return Finding.failed("not in service after " + LIMIT.toSeconds() + " s");
        }
        TrafficSample with = sample.get();
        return Finding.of(
                with.isFlawless() && with.of(backend) > 0, with.isFlawless() ? with.distribution() : with.flaws());
    }

    private boolean isEligible() {
        return proxy.find(backend.id())
                .map(located -> located.backend().eligible())
                .orElse(false);
    }
}
