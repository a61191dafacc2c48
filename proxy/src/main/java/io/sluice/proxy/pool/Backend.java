package io.sluice.proxy.pool;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.sluice.proxy.api.Health;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One incarnation of a backend: an id at one address, with what runs on it.
 *
 * <p>Everything that decides whether a request may start is in <b>one atomic word</b>: a bit for each reason against it, and below them
 * the number of requests that run. {@link #tryLease} looks at the bits and counts in the same compare-and-set, so that once a reason is
 * set no request can slip in; the one that finishes last sees the bit in the same step as it counts down, so that a drain is noticed
 * exactly when it is over.
 *
 * <ul>
 *   <li>{@code HELD} and {@code REMOVED} are set by the pool's writer alone; while one is set the count only falls.
 *   <li>All other bits are observations. They change under this object's lock together with the {@link Observation} they follow from.
 *   <li>The object outlives snapshots: a pool may change as often as it likes without touching a count. A new address is a new object.
 * </ul>
 */
public final class Backend {
    static final long HELD = 1L << 40;
    static final long REMOVED = 1L << 41;
    static final long NEW = 1L << 42;
    static final long UNVERIFIED = 1L << 43;
    static final long WRONG_CONFIGURATION = 1L << 44;
    static final long DOWN = 1L << 45;
    static final long EJECTED = 1L << 46;

    private static final long IN_FLIGHT = HELD - 1;
    private static final long STATE = ~IN_FLIGHT;
    private static final long CLOSED = HELD | REMOVED;
    /** The only reasons that may be overlooked when they would leave nobody. */
    private static final long HEALTH = DOWN | EJECTED;

    private final String pool;
    private final String id;
    private final BackendAddress address;
    private final long incarnation;
    private final Consumer<Backend> onQuiet;
    private final AtomicLong word;
    private final AtomicInteger timesHeld = new AtomicInteger();
    private volatile int weight;
    private volatile @Nullable String adminUrl;

    @GuardedBy("this")
    private List<String> accepted = List.of();

    private volatile Observation observation = Observation.NONE;
    /** Written under the lock. */
    private volatile long doubts;

    private final LongAdder requests = new LongAdder();
    private final LongAdder successes = new LongAdder();
    private final LongAdder failures = new LongAdder();
    private final LongAdder surplusReleases = new LongAdder();

    /**
     * @param onQuiet called by whoever finishes the last request while the backend is held or removed; a hint, to be verified with
     *     {@link #isQuiet()}
     */
    Backend(String pool, BackendState state, boolean waitsForFirstPass, Consumer<Backend> onQuiet) {
        this.pool = pool;
        this.id = state.id();
        this.address = BackendAddress.parse(state.address())
                .orElseThrow(() -> new IllegalArgumentException(state.address() + " (expected: host:port)"));
        this.incarnation = state.incarnation();
        this.weight = state.weight();
        this.adminUrl = state.adminUrl();
        this.onQuiet = onQuiet;
        this.word = new AtomicLong(waitsForFirstPass ? NEW : 0);
    }

    public String pool() {
        return pool;
    }

    public String id() {
        return id;
    }

    public String host() {
        return address.host();
    }

    public int port() {
        return address.port();
    }

    /** {@code host:port}, an IPv6 address in brackets. */
    public String address() {
        return address.toString();
    }

    /** Rises with each new address of the same id. */
    public long incarnation() {
        return incarnation;
    }

    /** Share of the load relative to the others, at least 1. */
    public int weight() {
        return weight;
    }

    /** Where the instance's admin API is. */
    public Optional<String> adminUrl() {
        return Optional.ofNullable(adminUrl);
    }

    /** Requests and tunnels that were assigned to this incarnation and have not finished. */
    public long inFlight() {
        return word.get() & IN_FLIGHT;
    }

    /** Whether a request may be assigned now. */
    public boolean isEligible() {
        return (word.get() & STATE) == 0;
    }

    /** Whether nothing but health speaks against a request. */
    public boolean isEligibleIgnoringHealth() {
        return (word.get() & STATE & ~HEALTH) == 0;
    }

    /** Whether it is held or removed; then no request can start. */
    public boolean isClosed() {
        return (word.get() & CLOSED) != 0;
    }

    /** Whether it was taken out of its pool, or its id moved to another address. Final. */
    public boolean isRetired() {
        return (word.get() & REMOVED) != 0;
    }

    /**
     * How often it went from active to held. Its process may have been restarted at each of these times, so that connections from before must
     * not be used after; whoever got a lease after the hold sees the new number.
     */
    public int timesHeld() {
        return timesHeld.get();
    }

    /** Whether the first passing check is still awaited. */
    public boolean isNew() {
        return (word.get() & NEW) != 0;
    }

    /** Whether the process behind it may be another one than the one that was checked last, and that keeps it out. */
    public boolean isUnverified() {
        return (word.get() & UNVERIFIED) != 0;
    }

    /** Whether the process behind it is known, or has to be feared, to run a configuration that the pool does not admit. */
    public boolean mayRunAnotherConfiguration() {
        return (word.get() & (UNVERIFIED | WRONG_CONFIGURATION)) != 0;
    }

    /**
     * How often its process became unverified. A check answers only the doubts that were there before its connection was opened: after that it
     * may have reached the old process.
     */
    public long doubts() {
        return doubts;
    }

    /** Requests in flight if one more may be assigned, else -1; both from one read of the word. */
    public long loadIfEligible(boolean ignoringHealth) {
        long now = word.get();
        long against = ignoringHealth ? STATE & ~HEALTH : STATE;
        return (now & against) == 0 ? now & IN_FLIGHT : -1;
    }

    /** Counts one request in, unless something speaks against it; decides on the same word, in the same step. */
    public boolean tryAcquire() {
        return tryAcquire(STATE);
    }

    /** As {@link #tryAcquire()}, but overlooks {@code down} and {@code ejected}: for pools that would have nobody left. */
    public boolean tryAcquireIgnoringHealth() {
        return tryAcquire(STATE & ~HEALTH);
    }

    private boolean tryAcquire(long against) {
        while (true) {
            long now = word.get();
            if ((now & against) != 0) {
                return false;
            }
            if (word.compareAndSet(now, now + 1)) {
                return true;
            }
        }
    }

    /** {@link #tryAcquire()} as an object that gives the request back exactly once; null when something speaks against it. */
    public @Nullable Lease tryLease(boolean ignoringHealth) {
        boolean acquired = ignoringHealth ? tryAcquireIgnoringHealth() : tryAcquire();
        return acquired ? new Lease(this) : null;
    }

    /** Counts one request out. */
    public void release() {
        long after = word.decrementAndGet();
        if ((after & CLOSED) != 0 && (after & IN_FLIGHT) == 0) {
            onQuiet.accept(this);
        }
    }

    /** Whether it is held or removed and nothing runs; stays true until the last hold is gone. */
    public boolean isQuiet() {
        long now = word.get();
        return (now & CLOSED) != 0 && (now & IN_FLIGHT) == 0;
    }

    /** Counts how one attempt ended: false for 5xx answers and transport errors. Probes are not counted. */
    public void recordOutcome(boolean success) {
        requests.increment();
        (success ? successes : failures).increment();
    }

    public long requests() {
        return requests.sum();
    }

    public long successes() {
        return successes.sum();
    }

    public long failures() {
        return failures.sum();
    }

    /** How often a lease was closed again after its close; anything but 0 is a bug. */
    public long surplusReleases() {
        return surplusReleases.sum();
    }

    void countSurplusRelease() {
        surplusReleases.increment();
    }

    public Observation observation() {
        return observation;
    }

    /** One line for each reason against a request except holds, which the pool knows by name. */
    List<String> ineligibleBecause() {
        long now = word.get();
        Observation seen = observation;
        List<String> reasons = new ArrayList<>();
        addIf(reasons, (now & REMOVED) != 0, "removed");
        addIf(reasons, (now & NEW) != 0, "new: waits for its first passing check");
        addIf(reasons, (now & UNVERIFIED) != 0, "unverified: " + seen.unverifiedBecause());
        addIf(reasons, (now & WRONG_CONFIGURATION) != 0, "configuration not accepted: " + hashOf(seen));
        addIf(reasons, (now & DOWN) != 0, "down: " + seen.healthDetail());
        addIf(reasons, (now & EJECTED) != 0, "ejected until " + seen.ejectedUntil() + ": " + seen.ejectionDetail());
        return List.copyOf(reasons);
    }

    private static void addIf(List<String> reasons, boolean applies, String reason) {
        if (applies) {
            reasons.add(reason);
        }
    }

    private static String hashOf(Observation seen) {
        return seen.configHash() == null ? "reports none" : "reports " + seen.configHash();
    }

    // Wishes: called by the writer alone.

    void setHeld(boolean held) {
        if (held) {
            timesHeld.incrementAndGet();
        }
        update(HELD, held ? HELD : 0);
    }

    void retire() {
        update(0, REMOVED);
    }

    void configure(int newWeight, @Nullable String newAdminUrl) {
        weight = newWeight;
        adminUrl = newAdminUrl;
    }

    /** Whether it would be eligible with these accepted hashes if nobody held it. */
    synchronized boolean wouldServe(List<String> hashes) {
        long others = word.get() & STATE & ~CLOSED & ~WRONG_CONFIGURATION & ~UNVERIFIED;
        boolean unverified =
                !hashes.isEmpty() && !observation.unverifiedBecause().isEmpty();
        return others == 0 && !unverified && !isWrong(hashes, observation);
    }

    synchronized void accept(List<String> hashes) {
        accepted = hashes;
        applyConfiguration(0, 0);
    }

    // Observations.

    boolean observe(ProbeReport probe) {
        return observe(probe, doubts);
    }

    /** Returns whether the health, the eligibility or the configuration changed. */
    synchronized boolean observe(ProbeReport probe, long answeredDoubts) {
        Observation before = observation;
        observation = before.withProbe(probe, answeredDoubts == doubts);
        long set = probe.health() == Health.DOWN ? DOWN : 0;
        long clear = probe.health() == Health.UP ? DOWN | NEW : 0;
        boolean wordChanged = applyConfiguration(clear, set);
        return wordChanged
                || before.health() != observation.health()
                || !Objects.equals(before.configHash(), observation.configHash());
    }

    synchronized boolean observeConfiguration(String hash) {
        if (accepted.isEmpty() || accepted.contains(hash)) {
            return false;
        }
        observation = observation.withConfigHash(hash);
        return applyConfiguration(0, 0);
    }

    synchronized boolean observeUnverified(String why) {
        doubts = doubts + 1;
        observation = observation.withUnverified(why);
        return applyConfiguration(0, 0);
    }

    synchronized boolean observeEjection(@Nullable Instant until, String why) {
        observation = observation.withEjection(until, why);
        return update(EJECTED, until == null ? 0 : EJECTED);
    }

    @GuardedBy("this")
    private boolean applyConfiguration(long clear, long set) {
        long wrong = isWrong(accepted, observation) ? WRONG_CONFIGURATION : 0;
        long unverified =
                !accepted.isEmpty() && !observation.unverifiedBecause().isEmpty() ? UNVERIFIED : 0;
        return update(clear | WRONG_CONFIGURATION | UNVERIFIED, set | wrong | unverified);
    }

    /** A backend that was never probed is given the benefit of the doubt; one that answers without a hash is not. */
    private static boolean isWrong(List<String> hashes, Observation seen) {
        if (hashes.isEmpty() || (seen.configHash() == null && seen.health() != Health.UP)) {
            return false;
        }
        return seen.configHash() == null || !hashes.contains(seen.configHash());
    }

    private boolean update(long clear, long set) {
        while (true) {
            long now = word.get();
            long next = (now & ~clear) | set;
            if (word.compareAndSet(now, next)) {
                return now != next;
            }
        }
    }

    @Override
    public String toString() {
        return pool + "/" + id + "#" + incarnation + "@" + address;
    }
}
