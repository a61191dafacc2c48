package io.sluice.proxy.discovery;

import io.netty.channel.EventLoop;
import io.sluice.proxy.api.BackendSource;
import io.sluice.proxy.api.DiscoveryView;
import io.sluice.proxy.api.PoolChange;
import io.sluice.proxy.discovery.LookupException.Kind;
import io.sluice.proxy.discovery.Membership.Difference;
import io.sluice.proxy.discovery.Membership.Member;
import io.sluice.proxy.pool.Backend;
import io.sluice.proxy.pool.BackendPool;
import io.sluice.proxy.pool.ChangeRefusedException;
import io.sluice.proxy.pool.ChangeRequest;
import io.sluice.proxy.pool.PoolSnapshot;
import io.sluice.proxy.pool.Pools;
import io.sluice.proxy.pool.Refusal;
import io.sluice.proxy.pool.Withdrawal;
import io.sluice.service.settings.DurationFormat;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.DoubleSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the backends of one pool what the answers for a DNS name say. Each round: look up → what is new comes in, what was missing long enough goes, both by
 * the ordinary changes of the pool → wait as long as the answer lives. A lookup that told nothing changes nothing. Backends of other sources are never
 * touched, held ones stay, and the pool's floor holds.
 *
 * <p>Everything happens on one Vert.x context; {@link #view} may be read anywhere.
 */
public final class Discovery {
    private static final Logger LOG = LoggerFactory.getLogger(Discovery.class);
    private static final String AUTHOR = "discovery";
    private static final String ANSWERED = "answered";

    /** What may come of a lookup, in a word. */
    public static final List<String> OUTCOMES = Stream.concat(
                    Stream.of(ANSWERED), Arrays.stream(Kind.values()).map(Kind::label))
            .toList();

    private final Vertx vertx;
    private final Context context;
    private final Pools pools;
    private final String pool;
    private final DiscoverySettings settings;
    private final NameServerClient client;
    private final NameLookup lookup;
    private final Membership membership;
    private final DiscoveryObserver observer;
    private final Clock clock;
    private final DoubleSupplier random;
    private final Promise<Void> first = Promise.promise();
    private volatile DiscoveryView view;
    private volatile boolean stopped;
    private long timer = -1;
    private int failures;
    private @Nullable Kind told;

    /**
     * One that has not started.
     *
     * @param loop talks to name servers
     * @param random for jitter, 0 to 1
     */
    public Discovery(
            Vertx vertx,
            EventLoop loop,
            Pools pools,
            String pool,
            DiscoverySettings settings,
            DiscoveryObserver observer,
            Clock clock,
            DoubleSupplier random) {
        this.vertx = vertx;
        this.context = vertx.getOrCreateContext();
        this.pools = pools;
        this.pool = pool;
        this.settings = settings;
        this.client = new NameServerClient(loop, settings.timeout());
        this.lookup = new NameLookup(settings, client, new SystemFiles(vertx));
        this.membership = new Membership(settings.removeAfter(), settings.maxRemovalPercent());
        this.observer = observer;
        this.clock = clock;
        this.random = random;
        this.view = new DiscoveryView(settings.name(), List.of(), null, null, null, null, List.of());
    }

    public DiscoverySettings settings() {
        return settings;
    }

    /** What came of the lookups so far. */
    public DiscoveryView view() {
        return view;
    }

    /** Completes when the first lookup is over and what it changed is changed, whatever came of it. */
    public Future<Void> firstRound() {
        return first.future();
    }

    /** Backends that are there already are to be as the first answer and the settings say, which are new. Before the start. */
    public void restate() {
        membership.restate();
    }

    public void start() {
        context.runOnContext(started -> round());
    }

    /** Lookups that run change nothing any more. The backends stay. */
    public void stop() {
        stopped = true;
        context.runOnContext(over -> vertx.cancelTimer(timer));
        client.close();
        first.tryComplete();
    }

    private void round() {
        if (stopped) {
            return;
        }
        DiscoveryView before = view;
        view = new DiscoveryView(
                before.name(),
                before.addresses(),
                before.lastAnswer(),
                before.lastFailure(),
                before.failure(),
                null,
                before.kept());
        lookup.look()
                .onComplete(looked -> context.runOnContext(here -> {
                    if (stopped) {
                        return;
                    }
                    if (looked.succeeded()) {
                        answered(looked.result());
                    } else {
                        failed(looked.cause());
                    }
                }));
    }

    private void failed(Throwable cause) {
        Kind kind = cause instanceof LookupException known ? known.kind() : Kind.OTHER;
        String why = String.valueOf(cause.getMessage());
        observer.lookedUp(kind.label());
        if (told != kind) {
            LOG.warn("pool {}: {} cannot be looked up, its backends stay as they are: {}", pool, settings.name(), why);
            told = kind;
        }
        Duration wait = settings.minInterval().multipliedBy(1L << Math.min(20, failures++));
        DiscoveryView before = view;
        next(wait, before.addresses(), before.lastAnswer(), clock.instant(), why, before.kept());
    }

    private void answered(Answer answer) {
        observer.lookedUp(ANSWERED);
        failures = 0;
        if (told != null) {
            LOG.info("pool {}: {} can be looked up again", pool, settings.name());
            told = null;
        }
        BackendPool live = pools.pool(pool).orElse(null);
        if (live == null) {
            // It is just coming, or just going.
            schedule(settings.minInterval());
            return;
        }
        Difference difference = membership.take(answer, members(live.snapshot()));
        put(live, difference)
                .compose(put -> withdraw(difference.gone()))
                .onComplete(done -> changed(answer, difference, done.result()));
    }

    private static List<Member> members(PoolSnapshot snapshot) {
        return snapshot.backends().stream()
                .map(backend -> new Member(
                        backend.id(),
                        backend.address(),
                        snapshot.source(backend.id()) == BackendSource.DISCOVERED,
                        backend.isEligible(),
                        backend.isClosed()))
                .toList();
    }

    private Future<Void> put(BackendPool live, Difference difference) {
        List<PoolChange> puts = new ArrayList<>();
        difference
                .added()
                .forEach(endpoint -> puts.add(put(endpoint, endpoint.address().adminUrl(settings.adminPort()), null)));
        for (Endpoint endpoint : difference.changed()) {
            Backend known = live.snapshot().find(endpoint.id());
            if (known != null) {
                String adminUrl = endpoint.address().adminUrl(settings.adminPort());
                puts.add(put(
                        endpoint,
                        adminUrl == null ? known.adminUrl().orElse(null) : adminUrl,
                        known.maxInFlightOrNull()));
            }
        }
        if (puts.isEmpty()) {
            return Future.succeededFuture();
        }
        String reason = "answer for " + settings.name();
        return Future.fromCompletionStage(
                        pools.change(ChangeRequest.of(BackendSource.DISCOVERED, pool, puts, AUTHOR, reason)), context)
                .<Void>mapEmpty()
                .recover(refusal -> {
                    membership.restate();
                    if (!isBeingReplaced(refusal)) {
                        LOG.warn(
                                "pool {}: addresses of {} not taken in: {}",
                                pool,
                                settings.name(),
                                refusal.getMessage());
                    }
                    return Future.succeededFuture();
                });
    }

    private static boolean isBeingReplaced(Throwable refusal) {
        return refusal instanceof ChangeRefusedException refused && refused.refusal() == Refusal.JOURNAL_UNAVAILABLE;
    }

    private static PoolChange put(Endpoint endpoint, @Nullable String adminUrl, @Nullable Integer maxInFlight) {
        return new PoolChange.PutBackend(
                endpoint.id(),
                endpoint.address().toString(),
                adminUrl,
                endpoint.weight(),
                endpoint.backup(),
                maxInFlight);
    }

    private Future<Withdrawal.Outcome> withdraw(List<String> ids) {
        String reason = "not among the answers for " + settings.name() + " any more";
        Withdrawal withdrawal = new Withdrawal(pools::change, BackendSource.DISCOVERED, pool, AUTHOR, reason);
        return Future.fromCompletionStage(withdrawal.of(ids), context);
    }

    private void changed(Answer answer, Difference difference, Withdrawal.@Nullable Outcome outcome) {
        Map<String, String> kept = new TreeMap<>(difference.kept());
        List<String> gone = List.of();
        if (outcome != null) {
            gone = outcome.gone();
            outcome.kept().forEach((id, why) -> kept.put(id, "missing from the answers, but " + why));
        }
        boolean puts = !difference.added().isEmpty() || !difference.changed().isEmpty();
        if (puts || !gone.isEmpty() || !kept.keySet().equals(keptBefore())) {
            LOG.info(
                    "pool {}: {} has {} addresses for {}; came: {}; changed: {}; went: {}; missing, but kept: {}",
                    pool,
                    settings.name(),
                    answer.endpoints().size(),
                    DurationFormat.format(answer.timeToLive()),
                    addresses(difference.added()),
                    addresses(difference.changed()),
                    gone,
                    kept);
        }
        next(
                wait(answer.timeToLive()),
                addresses(answer.endpoints()),
                clock.instant(),
                view.lastFailure(),
                null,
                kept.entrySet().stream()
                        .map(each -> new DiscoveryView.Kept(each.getKey(), each.getValue()))
                        .toList());
    }

    private Set<String> keptBefore() {
        return view.kept().stream().map(DiscoveryView.Kept::backend).collect(Collectors.toSet());
    }

    private static List<String> addresses(List<Endpoint> endpoints) {
        return endpoints.stream().map(endpoint -> endpoint.address().toString()).toList();
    }

    private Duration wait(Duration timeToLive) {
        return timeToLive.compareTo(settings.minInterval()) < 0 ? settings.minInterval() : timeToLive;
    }

    private void next(
            Duration wait,
            List<String> addresses,
            @Nullable Instant lastAnswer,
            @Nullable Instant lastFailure,
            @Nullable String failure,
            List<DiscoveryView.Kept> kept) {
        Duration bounded = schedule(wait);
        view = new DiscoveryView(
                settings.name(),
                addresses,
                lastAnswer,
                lastFailure,
                failure,
                clock.instant().plus(bounded),
                kept);
        first.tryComplete();
    }

    /** Up to a tenth earlier, so that proxies that started together do not go on asking together. */
    private Duration schedule(Duration wait) {
        Duration most = wait.compareTo(settings.maxInterval()) > 0 ? settings.maxInterval() : wait;
        long millis = Math.max(1, Math.round(most.toMillis() * (1 - 0.1 * random.getAsDouble())));
        if (!stopped) {
            timer = vertx.setTimer(millis, tick -> round());
        }
        return Duration.ofMillis(millis);
    }
}
