package io.sluice.proxy.pool;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;

import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IIII_Result;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * The atomic word of a {@link Backend} under every pair of threads that meet on it. Each case lists what may come out; anything else
 * is a fault. In this package, since the writer's side of a backend is not public. Run by {@code benchmarks/jcstress}.
 */
public final class BackendWordStress {
    private BackendWordStress() {}

    /** A backend, and how often somebody was told that nothing runs on it any more. */
    private static class Fixture {
        final AtomicInteger quiet = new AtomicInteger();
        final PoolSignals signals = new PoolSignals();
        final Backend backend = new Backend(
                "p", state(null), false, b -> quiet.incrementAndGet(), signals);

        static BackendState state(Integer maxInFlight) {
            return BackendState.of(new BackendSettings("b", "h:1", null, 1, false, maxInFlight), 1, List.of());
        }
    }

    /** After a hold that saw nothing running, nothing starts. */
    @JCStressTest
    @Outcome(id = "0, 1, 0", expect = ACCEPTABLE, desc = "held first: refused, quiet at once")
    @Outcome(id = "1, 0, 1", expect = ACCEPTABLE, desc = "acquired first: the hold sees it running")
    @State
    public static class AcquireAgainstHold extends Fixture {
        @Actor
        public void request(III_Result r) {
            r.r1 = backend.tryAcquire(false, new Lease()) ? 1 : 0;
        }

        @Actor
        public void operator(III_Result r) {
            backend.setHeld(true);
            r.r2 = backend.isQuiet() ? 1 : 0;
        }

        @Arbiter
        public void after(III_Result r) {
            r.r3 = (int) backend.inFlight();
        }
    }

    /** Somebody notices the end of a drain: the last request, the hold that finds nothing, or both. Never nobody. */
    @JCStressTest
    @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "released first: the hold finds it quiet")
    @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "held first: the last request tells")
    @Outcome(id = "1, 1", expect = ACCEPTABLE_INTERESTING, desc = "released between the hold and its look: both")
    @State
    public static class ReleaseAgainstHold extends Fixture {
        public ReleaseAgainstHold() {
            backend.tryAcquire(false, new Lease());
        }

        @Actor
        public void request() {
            backend.release();
        }

        @Actor
        public void operator(II_Result r) {
            backend.setHeld(true);
            r.r2 = backend.isQuiet() ? 1 : 0;
        }

        @Arbiter
        public void after(II_Result r) {
            r.r1 = quiet.get();
        }
    }

    /** The count is exact, and of two that finish while it is held exactly one is the last. */
    @JCStressTest
    @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "told once, nothing left")
    @State
    public static class LastOfTwoReleases extends Fixture {
        public LastOfTwoReleases() {
            backend.tryAcquire(false, new Lease());
            backend.tryAcquire(false, new Lease());
            backend.setHeld(true);
        }

        @Actor
        public void one() {
            backend.release();
        }

        @Actor
        public void other() {
            backend.release();
        }

        @Arbiter
        public void after(II_Result r) {
            r.r1 = quiet.get();
            r.r2 = (int) backend.inFlight();
        }
    }

    /** A lease that two close is given back once. */
    @JCStressTest
    @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "one counted out, the other counted as surplus")
    @State
    public static class LeaseClosedTwice extends Fixture {
        private final Lease lease = new Lease();

        public LeaseClosedTwice() {
            backend.tryAcquire(false, lease);
        }

        @Actor
        public void one() {
            lease.close();
        }

        @Actor
        public void other() {
            lease.close();
        }

        @Arbiter
        public void after(II_Result r) {
            r.r1 = (int) backend.inFlight();
            r.r2 = (int) backend.surplusReleases();
        }
    }

    /** Of two that come while it is on trial exactly one is the trial. */
    @JCStressTest
    @Outcome(
            id = {"1, 0, 1", "0, 1, 1"},
            expect = ACCEPTABLE,
            desc = "one trial")
    @State
    public static class TwoOnTrial extends Fixture {
        public TwoOnTrial() {
            backend.observed().ejection(Instant.EPOCH, "");
            backend.observed().trial();
        }

        @Actor
        public void one(III_Result r) {
            r.r1 = backend.tryAcquire(false, new Lease()) ? 1 : 0;
        }

        @Actor
        public void other(III_Result r) {
            r.r2 = backend.tryAcquire(false, new Lease()) ? 1 : 0;
        }

        @Arbiter
        public void after(III_Result r) {
            r.r3 = (int) backend.inFlight();
        }
    }

    /** Of two that come for the last place exactly one gets it. */
    @JCStressTest
    @Outcome(
            id = {"1, 0, 1", "0, 1, 1"},
            expect = ACCEPTABLE,
            desc = "one place")
    @State
    public static class TwoForTheLastPlace extends Fixture {
        public TwoForTheLastPlace() {
            backend.configure(state(1), null);
        }

        @Actor
        public void one(III_Result r) {
            r.r1 = backend.tryAcquire(false, new Lease()) ? 1 : 0;
        }

        @Actor
        public void other(III_Result r) {
            r.r2 = backend.tryAcquire(false, new Lease()) ? 1 : 0;
        }

        @Arbiter
        public void after(III_Result r) {
            r.r3 = (int) backend.inFlight();
        }
    }

    /** Whoever waits for room is woken by the release, or sees the room that it made. Never neither. */
    @JCStressTest
    @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "released first: the waiter sees room")
    @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "looked first: woken")
    @Outcome(id = "1, 0", expect = ACCEPTABLE_INTERESTING, desc = "woken, and saw it too")
    @State
    public static class ReleaseAgainstWaiter extends Fixture {
        private final AtomicInteger woken = new AtomicInteger();

        public ReleaseAgainstWaiter() {
            backend.configure(state(1), null);
            signals.addRoomListener(woken::incrementAndGet);
            backend.tryAcquire(false, new Lease());
        }

        @Actor
        public void request() {
            backend.release();
        }

        @Actor
        public void waiter(II_Result r) {
            signals.tryWait(1);
            r.r2 = backend.isFull() ? 1 : 0;
        }

        @Arbiter
        public void after(II_Result r) {
            r.r1 = woken.get();
        }
    }

    /** An ejection and a hold that meet both stay, whatever came in between; the hold is not lost when the ejection ends. */
    @JCStressTest
    @Outcome(
            id = {"0, 1, 1, 0", "1, 1, 1, 1"},
            expect = ACCEPTABLE,
            desc = "held and ejected; what got in before is counted")
    @State
    public static class HoldAgainstEjection extends Fixture {
        @Actor
        public void operator() {
            backend.setHeld(true);
        }

        @Actor
        public void passiveHealth() {
            backend.observed().ejection(Instant.EPOCH, "");
        }

        @Actor
        public void request(IIII_Result r) {
            r.r1 = backend.tryAcquire(false, new Lease()) ? 1 : 0;
        }

        @Arbiter
        public void after(IIII_Result r) {
            r.r2 = backend.isClosed() ? 1 : 0;
            backend.setHeld(false);
            r.r3 = backend.isEligible() ? 0 : 1;
            r.r4 = (int) backend.inFlight();
        }
    }

    /** A hold that ends while another thread's request ends: neither is lost. */
    @JCStressTest
    @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "the hold ended first")
    @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "the request ended first, and told")
    @State
    public static class ReleaseAgainstUnhold extends Fixture {
        public ReleaseAgainstUnhold() {
            backend.tryAcquire(false, new Lease());
            backend.setHeld(true);
        }

        @Actor
        public void request() {
            backend.release();
        }

        @Actor
        public void operator() {
            backend.setHeld(false);
        }

        @Arbiter
        public void after(II_Result r) {
            r.r1 = quiet.get();
            r.r2 = (int) backend.inFlight() + (backend.isClosed() ? 10 : 0);
        }
    }
}
