package io.sluice.proxy.registration;

import io.sluice.proxy.api.BackendSource;
import io.sluice.proxy.api.DrainOperation;
import io.sluice.proxy.api.Health;
import io.sluice.proxy.api.PoolChange;
import io.sluice.proxy.api.RegistrationView;
import io.sluice.proxy.forward.TrustedPeers;
import io.sluice.proxy.pool.Backend;
import io.sluice.proxy.pool.BackendAddress;
import io.sluice.proxy.pool.BackendPool;
import io.sluice.proxy.pool.ChangeRefusedException;
import io.sluice.proxy.pool.ChangeRequest;
import io.sluice.proxy.pool.ChangeResult;
import io.sluice.proxy.pool.PoolSnapshot;
import io.sluice.proxy.pool.Pools;
import io.sluice.proxy.pool.Refusal;
import io.sluice.proxy.pool.Withdrawal;
import io.sluice.proxy.registration.RegistrationObserver.Event;
import io.sluice.proxy.registration.RegistrationRefusedException.Reason;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the instances of one pool register, renew and leave. An id is bound to the address that registered it, for as long as its lease holds or its checks
 * pass; nobody can register an address that another id has, nor touch a backend that came into the pool in another way. Thread-safe.
 */
public final class RegistrationDesk {
    private static final Logger LOG = LoggerFactory.getLogger(RegistrationDesk.class);
    private static final String AUTHOR = "registration";
    private static final int SWEEPS_PER_TTL = 12;
    private static final long LONGEST_SWEEP = 500;

    private final Vertx vertx;
    private final Pools pools;
    private final String pool;
    private final RegistrationSettings settings;
    private final TrustedPeers networks;
    private final RegistrationObserver observer;
    private final Leases leases;
    private final Clock clock;
    private volatile boolean preserving;
    private volatile Map<String, String> kept = Map.of();
    private volatile long timer = -1;

    /**
     * One that has not started.
     *
     * @param nanoTime monotonic
     */
    public RegistrationDesk(
            Vertx vertx,
            Pools pools,
            String pool,
            RegistrationSettings settings,
            RegistrationObserver observer,
            Clock clock,
            LongSupplier nanoTime) {
        this.vertx = vertx;
        this.pools = pools;
        this.pool = pool;
        this.settings = settings;
        this.networks = TrustedPeers.of(settings.networks());
        this.observer = observer;
        this.leases = new Leases(settings.ttl(), settings.maxRemovalPercent(), nanoTime);
        this.clock = clock;
    }

    public RegistrationSettings settings() {
        return settings;
    }

    public void start() {
        long millis = Math.min(LONGEST_SWEEP, settings.ttl().toMillis() / SWEEPS_PER_TTL);
        timer = vertx.setPeriodic(millis, tick -> {
            if (leases.isDue()) {
                sweep();
            }
        });
    }

    /** Nobody is taken out any more. */
    public void stop() {
        vertx.cancelTimer(timer);
    }

    /**
     * Puts an instance into the pool, or renews its lease. Fails with {@link RegistrationRefusedException} or {@link ChangeRefusedException}.
     *
     * @param address where it serves: an IP address and a port
     * @param weight its share of the load
     * @param adminPort where its admin API is; absent when nobody needs to know
     */
    public Future<Registration> register(String id, BackendAddress address, int weight, @Nullable Integer adminPort) {
        return Future.<Registration>future(promise -> {
                    PoolSnapshot now = poolNow();
                    requireMayBe(address);
                    Backend known = now.find(id);
                    boolean stays = known != null
                            && known.address().equals(address.toString())
                            && now.source(id) == BackendSource.REGISTERED;
                    if (stays && leases.renewKnown(id, weight)) {
                        observer.happened(Event.RENEWED);
                        promise.complete(new Registration(address.toString(), false, false, settings.ttl()));
                        return;
                    }
                    List<PoolChange> changes = new ArrayList<>();
                    if (!stays) {
                        requireMayCome(now, id, known);
                        supersede(now, id, address).ifPresent(changes::add);
                    }
                    changes.add(new PoolChange.PutBackend(
                            id,
                            address.toString(),
                            address.adminUrl(adminPort),
                            weight,
                            false,
                            known == null ? null : known.maxInFlightOrNull()));
                    change(changes, "registered itself", false)
                            .map(result -> registered(id, address, weight, result))
                            .onComplete(promise);
                })
                .onFailure(refused -> observer.happened(Event.REFUSED));
    }

    private PoolSnapshot poolNow() {
        return pools.pool(pool)
                .map(BackendPool::snapshot)
                .orElseThrow(
                        () -> new RegistrationRefusedException(Reason.POOL_GONE, "there is no pool " + pool, null));
    }

    private void requireMayBe(BackendAddress address) {
        if (!networks.contains(address.host())) {
            throw new RegistrationRefusedException(
                    Reason.OUTSIDE_NETWORKS,
                    address.host() + " is in none of the networks that may register with pool " + pool,
                    null);
        }
    }

    private void requireMayCome(PoolSnapshot now, String id, @Nullable Backend known) {
        if (known != null && now.source(id) == BackendSource.REGISTERED && isAlive(known)) {
            throw new RegistrationRefusedException(
                    Reason.REGISTERED_ELSEWHERE,
                    id + " is registered at " + known.address() + ", and that is alive",
                    leases.left(id));
        }
        long count = now.backends().stream()
                .filter(backend -> now.source(backend.id()) == BackendSource.REGISTERED)
                .count();
        if (known == null && count >= settings.maxBackends()) {
            throw new RegistrationRefusedException(
                    Reason.LIMIT,
                    count + " instances are registered (expected: < " + settings.maxBackends() + ", max-backends)",
                    null);
        }
    }

    /** Whether its lease holds and no check says otherwise. */
    private boolean isAlive(Backend backend) {
        Duration left = leases.left(backend.id());
        return (left == null || left.compareTo(Duration.ZERO) > 0)
                && backend.observation().health() != Health.DOWN;
    }

    /** An id whose lease has run out gives way to the one that is at its address now. */
    private Optional<PoolChange> supersede(PoolSnapshot now, String id, BackendAddress address) {
        Backend there = now.backends().stream()
                .filter(backend -> backend.address().equals(address.toString())
                        && !backend.id().equals(id))
                .filter(backend -> now.source(backend.id()) == BackendSource.REGISTERED)
                .findFirst()
                .orElse(null);
        if (there == null) {
            return Optional.empty();
        }
        Duration left = leases.left(there.id());
        if (left == null || left.compareTo(Duration.ZERO) > 0) {
            throw new RegistrationRefusedException(
                    Reason.ADDRESS_TAKEN, address + " is registered as " + there.id(), left);
        }
        return Optional.of(new PoolChange.RemoveBackend(there.id(), false));
    }

    private Registration registered(String id, BackendAddress address, int weight, ChangeResult result) {
        leases.grant(id, weight);
        observer.happened(result.created() ? Event.REGISTERED : Event.RENEWED);
        if (result.changed()) {
            LOG.info("pool {}: {} has registered itself at {} with weight {}", pool, id, address, weight);
        }
        return new Registration(address.toString(), result.created(), result.changed(), settings.ttl());
    }

    private Future<ChangeResult> change(List<PoolChange> changes, String reason, boolean overFloor) {
        ChangeRequest request = ChangeRequest.of(BackendSource.REGISTERED, pool, changes, AUTHOR, reason);
        return Future.fromCompletionStage(pools.change(overFloor ? request.asOverFloor() : request));
    }

    /**
     * Takes an instance out that says goodbye, whatever the floor: it goes anyway.
     *
     * @return its drain; empty when it was not there, or is held and goes when it is not
     */
    public Future<Optional<DrainOperation>> deregister(String id) {
        return change(List.of(new PoolChange.RemoveBackend(id, false)), "deregistered itself", true)
                .map(result -> left(id, result))
                .recover(failure -> {
                    if (failure instanceof ChangeRefusedException refused) {
                        if (refused.refusal() == Refusal.UNKNOWN_BACKEND) {
                            return Future.succeededFuture(Optional.empty());
                        }
                        if (refused.refusal() == Refusal.HELD_BY_OTHERS) {
                            leases.leave(id);
                            LOG.info(
                                    "pool {}: {} has deregistered itself and goes when nobody holds it any more",
                                    pool,
                                    id);
                            return Future.succeededFuture(Optional.empty());
                        }
                    }
                    return Future.failedFuture(failure);
                });
    }

    private Optional<DrainOperation> left(String id, ChangeResult result) {
        leases.end(id);
        observer.happened(Event.LEFT);
        LOG.info("pool {}: {} has deregistered itself", pool, id);
        return Optional.of(result.drains().get(0));
    }

    private void sweep() {
        PoolSnapshot now = pools.pool(pool).map(BackendPool::snapshot).orElse(null);
        if (now == null) {
            return;
        }
        List<Leases.Member> members = now.backends().stream()
                .filter(backend -> now.source(backend.id()) == BackendSource.REGISTERED)
                .map(backend -> new Leases.Member(
                        backend.id(), backend.observation().health() == Health.DOWN, backend.isClosed()))
                .toList();
        Leases.Sweep sweep = leases.sweep(members);
        tell(sweep);
        kept = sweep.kept();
        sweep.left().forEach(this::finishLeaving);
        if (sweep.gone().isEmpty()) {
            return;
        }
        Withdrawal withdrawal = new Withdrawal(
                pools::change, BackendSource.REGISTERED, pool, AUTHOR, "no heartbeat for " + settings.ttl());
        Future.fromCompletionStage(withdrawal.of(sweep.gone())).onSuccess(this::withdrawn);
    }

    private void finishLeaving(String id) {
        deregister(id).onFailure(failure -> {
            leases.stay(Set.of(id));
            LOG.debug("pool {}: {} not taken out", pool, id, failure);
        });
    }

    private void tell(Leases.Sweep sweep) {
        if (sweep.preserving() != preserving) {
            preserving = sweep.preserving();
            if (preserving) {
                LOG.warn(
                        "pool {}: more than {} % of the registered instances have sent no heartbeat for {} s. The proxy may be cut off from them: only"
                                + " those that checks find down are taken out",
                        pool, settings.maxRemovalPercent(), settings.ttl().toSeconds());
            } else {
                LOG.info("pool {}: enough of the registered instances send heartbeats again", pool);
            }
        }
    }

    private void withdrawn(Withdrawal.Outcome outcome) {
        outcome.gone().forEach(id -> {
            leases.end(id);
            observer.happened(Event.EXPIRED);
        });
        leases.stay(outcome.kept().keySet());
        if (!outcome.gone().isEmpty()) {
            LOG.warn("pool {}: no heartbeat from {}: taken out", pool, outcome.gone());
        }
    }

    /** Who is registered now. */
    public RegistrationView view() {
        PoolSnapshot now = pools.pool(pool).map(BackendPool::snapshot).orElse(null);
        List<RegistrationView.Lease> all = now == null
                ? List.of()
                : now.backends().stream()
                        .filter(backend -> now.source(backend.id()) == BackendSource.REGISTERED)
                        .map(this::view)
                        .toList();
        return new RegistrationView(settings.ttl(), settings.maxBackends(), preserving, all);
    }

    private RegistrationView.Lease view(Backend backend) {
        Duration left = Objects.requireNonNullElse(leases.left(backend.id()), settings.ttl());
        Instant expires = clock.instant().plus(left);
        boolean live = left.compareTo(Duration.ZERO) > 0;
        String state = live ? "live" : kept.getOrDefault(backend.id(), "no heartbeat; the pool's floor may keep it");
        return new RegistrationView.Lease(backend.id(), backend.address(), expires, state);
    }
}
