package io.sluice.proxy.pool;

import static io.sluice.proxy.pool.BackendWord.CLOSED;
import static io.sluice.proxy.pool.BackendWord.CONFIGURATION;
import static io.sluice.proxy.pool.BackendWord.DRAINING;
import static io.sluice.proxy.pool.BackendWord.EJECTED;
import static io.sluice.proxy.pool.BackendWord.HELD;
import static io.sluice.proxy.pool.BackendWord.IN_FLIGHT;
import static io.sluice.proxy.pool.BackendWord.NEW;
import static io.sluice.proxy.pool.BackendWord.ON_TRIAL;
import static io.sluice.proxy.pool.BackendWord.REASONS;
import static io.sluice.proxy.pool.BackendWord.REMOVED;
import static io.sluice.proxy.pool.BackendWord.TRIAL_TAKEN;
import static io.sluice.proxy.pool.BackendWord.UNVERIFIED;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.sluice.proxy.api.BreakerState;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One incarnation of a backend: an id at one address, with what runs on it.
 *
 * <p>Everything that decides whether a request may start is in <b>one atomic word</b>: a bit for each reason against it, and below them
 * the number of requests that run. {@link #tryAcquire} looks at the bits and counts in the same compare-and-set, so that once a reason is
 * set no request can slip in; the one that finishes last sees the bit in the same step as it counts down, so that a drain is noticed
 * exactly when it is over.
 *
 * <ul>
 *   <li>{@code HELD} and {@code REMOVED} are set by the pool's writer alone; while one is set the count only falls.
 *   <li>All other bits are observations. They change under the lock of {@link Observed}, together with what they follow from.
 *   <li>On trial the bits also say whether the one request that is allowed has been taken.
 *   <li>The object outlives snapshots: a pool may change as often as it likes without touching a count. A new address is a new object.
 * </ul>
 */
public final class Backend {
    private static final AtomicLongFieldUpdater<Backend> WORD =
            AtomicLongFieldUpdater.newUpdater(Backend.class, "word");

    private static final long ANY = -1;

    /** What a weight of one is worth as a share, so that a part of it can be told too. */
    private static final int FULL_SHARE = 1_000;

    private final String pool;
    private final String id;
    private final BackendAddress address;
    /** As each request tells it, to the backend and to the log. */
    private final String addressText;

    private final long incarnation;
    private final Consumer<Backend> onQuiet;
    private final PoolSignals signals;
    private volatile boolean backup;
    /** In the object itself rather than behind a reference: choosing reads it for each backend. */
    private volatile long word;

    private volatile long mostInFlight;
    private volatile int share;
    private volatile @Nullable Object mark;
    private final AtomicInteger timesHeld = new AtomicInteger();
    private final AtomicInteger trials = new AtomicInteger();
    /** Whether a drain has timed out since it was held or removed. */
    private volatile boolean drainOverdue;

    private volatile int weight;
    private volatile @Nullable String adminUrl;

    /** How much of the weight counts, in thousandths. */
    @GuardedBy("this")
    private int ramp = FULL_SHARE;

    private final Observed observed = new Observed(this);

    private final LongAdder requests = new LongAdder();
    private final LongAdder successes = new LongAdder();
    private final LongAdder failures = new LongAdder();
    private final LongAdder surplusReleases = new LongAdder();

    /**
     * @param onQuiet called by whoever finishes the last request while the backend is held or removed; a hint, to be verified with
     *     {@link #isQuiet()}
     * @param signals told of room, and of changes that matter to the choice
     */
    Backend(
            String pool,
            BackendState state,
            boolean waitsForFirstPass,
            Consumer<Backend> onQuiet,
            PoolSignals signals) {
        this.pool = pool;
        this.id = state.id();
        this.address = BackendAddress.parse(state.address())
                .orElseThrow(() -> new IllegalArgumentException(state.address() + " (expected: host:port)"));
        this.addressText = address.toString();
        this.incarnation = state.incarnation();
        this.weight = state.weight();
        this.share = state.weight() * FULL_SHARE;
        this.backup = state.backup();
        this.mostInFlight = IN_FLIGHT;
        this.adminUrl = state.adminUrl();
        this.onQuiet = onQuiet;
        this.signals = signals;
        this.word = waitsForFirstPass ? NEW : 0;
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
        return addressText;
    }

    /** Rises with each new address of the same id. */
    public long incarnation() {
        return incarnation;
    }

    /** Share of the load relative to the others, at least 1. */
    public int weight() {
        return weight;
    }

    /** What its weight counts for now, in thousandths: less than all of it during a slow start. Never 0. */
    public int share() {
        return share;
    }

    /** How much of its weight counts, 100 but during a slow start. */
    public int slowStartPercent() {
        return (int) Math.round(share * 100.0 / ((double) weight * FULL_SHARE));
    }

    /** Whether it serves only while no other kind is eligible. */
    public boolean isBackup() {
        return backup;
    }

    /** How many requests it runs at once at most. */
    public OptionalLong maxInFlight() {
        long most = mostInFlight;
        return most == IN_FLIGHT ? OptionalLong.empty() : OptionalLong.of(most);
    }

    /** The same as a change tells it: null when there is none. */
    public @Nullable Integer maxInFlightOrNull() {
        OptionalLong most = maxInFlight();
        return most.isPresent() ? (Integer) Math.toIntExact(most.getAsLong()) : null;
    }

    /** Where the instance's admin API is. */
    public Optional<String> adminUrl() {
        return Optional.ofNullable(adminUrl);
    }

    /** Requests and tunnels that were assigned to this incarnation and have not finished. */
    public long inFlight() {
        return word & IN_FLIGHT;
    }

    /** Whether a request may be assigned now, if it is not full. */
    public boolean isEligible() {
        return (word & REASONS) == 0;
    }

    /** Whether it runs as many requests as it may. */
    public boolean isFull() {
        return inFlight() >= mostInFlight;
    }

    /** What the failures of its traffic led to. */
    public BreakerState breaker() {
        return BackendWord.breaker(word);
    }

    /** Whether it gets one request at a time, until one of them shows how it is. */
    public boolean isOnTrial() {
        return (word & ON_TRIAL) != 0;
    }

    /** Whether nothing but health speaks against a request. */
    public boolean isEligibleIgnoringHealth() {
        return (word & BackendWord.against(true)) == 0;
    }

    /** Whether it is held or removed; then no request can start. */
    public boolean isClosed() {
        return (word & CLOSED) != 0;
    }

    /** Whether it was taken out of its pool, or its id moved to another address. Final. */
    public boolean isRetired() {
        return (word & REMOVED) != 0;
    }

    /**
     * How often it went from active to held. Its process may have been restarted at each of these times, so that connections from before must
     * not be used after; whoever got a lease after the hold sees the new number.
     */
    public int timesHeld() {
        return timesHeld.get();
    }

    /** Whether what runs here should have ended by now: the backend is held or gone, and its drain has timed out. */
    public boolean isDrainOverdue() {
        return drainOverdue;
    }

    /** Whether the first passing check is still awaited. */
    public boolean isNew() {
        return (word & NEW) != 0;
    }

    /** Whether the process behind it may be another one than the one that was checked last, and that keeps it out. */
    public boolean isUnverified() {
        return (word & UNVERIFIED) != 0;
    }

    /** Whether it asked for no more requests, and no check has found otherwise since. */
    public boolean isDraining() {
        return (word & DRAINING) != 0;
    }

    /** Whether the process behind it is known, or has to be feared, to run a configuration that the pool does not admit. */
    public boolean mayRunAnotherConfiguration() {
        return (word & CONFIGURATION) != 0;
    }

    /**
     * How often its process became unverified. A check answers only the doubts that were there before its connection was opened: after that it
     * may have reached the old process.
     */
    public long doubts() {
        return observed.doubts();
    }

    /** Requests in flight if one more may be assigned, else -1 (also when it is full); both from one read of the word. */
    public long loadIfEligible(boolean ignoringHealth) {
        long now = word;
        long load = now & IN_FLIGHT;
        return (now & BackendWord.against(ignoringHealth)) == 0 && load < mostInFlight ? load : -1;
    }

    /**
     * Counts one request in, unless something speaks against it; decides on the same word, in the same step.
     *
     * @param ignoringHealth overlooks {@code down} and {@code ejected}: for pools that would have nobody left
     * @param into a lease that was never used or is closed
     */
    public boolean tryAcquire(boolean ignoringHealth, Lease into) {
        return tryAcquire(ignoringHealth, ANY, into);
    }

    /** As {@link #tryAcquire(boolean, Lease)}, but only while exactly {@code load} requests are in flight: what a choice was made from. */
    public boolean tryAcquireAt(long load, boolean ignoringHealth, Lease into) {
        return tryAcquire(ignoringHealth, load, into);
    }

    private boolean tryAcquire(boolean ignoringHealth, long expected, Lease into) {
        long against = BackendWord.against(ignoringHealth);
        while (true) {
            long now = word;
            long load = now & IN_FLIGHT;
            if ((now & against) != 0 || load >= mostInFlight || (expected != ANY && load != expected)) {
                return false;
            }
            if (WORD.compareAndSet(this, now, BackendWord.withOneMore(now))) {
                into.take(this, BackendWord.offersTrial(now) ? trials.get() : 0);
                return true;
            }
        }
    }

    /** Counts one request out. */
    public void release() {
        long after = WORD.decrementAndGet(this);
        long load = after & IN_FLIGHT;
        if ((after & CLOSED) != 0) {
            if (load == 0) {
                onQuiet.accept(this);
            }
        } else if (load + 1 >= mostInFlight) {
            signals.madeRoom();
        }
        signals.moved(this);
    }

    void trialEnded(int trial) {
        if (trial == trials.get()) {
            signals.trialEnded(this);
        }
    }

    /** How many trials it was offered; names the last of them. */
    public int trials() {
        return trials.get();
    }

    /** What the balancer of its pool keeps beside it. */
    public @Nullable Object mark() {
        return mark;
    }

    public void setMark(@Nullable Object newMark) {
        mark = newMark;
    }

    /** Whether it is held or removed and nothing runs; stays true until the last hold is gone. */
    public boolean isQuiet() {
        long now = word;
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
        return observed.latest();
    }

    Observed observed() {
        return observed;
    }

    /** Everything that speaks against a request. */
    long reasons() {
        return word & REASONS;
    }

    /** One line for each reason against a request except holds, which the pool knows by name. */
    List<String> ineligibleBecause() {
        return BackendWord.explain(word, observed.latest());
    }

    // Wishes: called by the writer alone.

    void drainTimedOut() {
        drainOverdue = true;
    }

    void setHeld(boolean held) {
        drainOverdue = false;
        if (held) {
            timesHeld.incrementAndGet();
        }
        update(HELD, held ? HELD : 0);
    }

    void retire() {
        update(0, REMOVED);
    }

    /** @param defaultMost how much it may run at once when it does not say so itself; absent: as much as comes */
    synchronized void configure(BackendState wished, @Nullable Integer defaultMost) {
        Integer wishedMost = wished.maxInFlight() == null ? defaultMost : wished.maxInFlight();
        long most = wishedMost == null ? IN_FLIGHT : wishedMost;
        boolean matters = weight != wished.weight() || mostInFlight != most;
        weight = wished.weight();
        share = shareOf(weight, ramp);
        backup = wished.backup();
        adminUrl = wished.adminUrl();
        mostInFlight = most;
        // Each change of a pool comes by all of its backends.
        if (matters) {
            signals.madeRoom();
            signals.moved(this);
        }
    }

    /** Lets only so many thousandths of its weight count. */
    synchronized void ramp(int thousandths) {
        ramp = thousandths;
        share = shareOf(weight, ramp);
        signals.moved(this);
    }

    private static int shareOf(int weight, int thousandths) {
        return Math.max(1, weight * thousandths);
    }

    boolean offerTrial() {
        trials.incrementAndGet();
        return update(EJECTED | TRIAL_TAKEN, ON_TRIAL);
    }

    /** Returns whether that changed anything. */
    boolean update(long clear, long set) {
        while (true) {
            long now = word;
            long next = (now & ~clear) | set;
            if (next == now) {
                return false;
            }
            if (WORD.compareAndSet(this, now, next)) {
                signals.moved(this);
                return true;
            }
        }
    }

    @Override
    public String toString() {
        return pool + "/" + id + "#" + incarnation + "@" + address;
    }
}
