package io.sluice.proxy.pool;

import static io.sluice.proxy.pool.BackendWord.CLOSED;
import static io.sluice.proxy.pool.BackendWord.CONFIGURATION;
import static io.sluice.proxy.pool.BackendWord.DOWN;
import static io.sluice.proxy.pool.BackendWord.DRAINING;
import static io.sluice.proxy.pool.BackendWord.EJECTED;
import static io.sluice.proxy.pool.BackendWord.NEW;
import static io.sluice.proxy.pool.BackendWord.ON_TRIAL;
import static io.sluice.proxy.pool.BackendWord.TRIAL_TAKEN;
import static io.sluice.proxy.pool.BackendWord.UNVERIFIED;
import static io.sluice.proxy.pool.BackendWord.WRONG_CONFIGURATION;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.sluice.proxy.api.Health;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What was observed of one backend. Under this object's lock it changes together with the bits of the backend's word that follow from it. Each
 * change tells whether anything that others care about is different now.
 */
final class Observed {
    private final Backend backend;

    @GuardedBy("this")
    private List<String> accepted = List.of();

    private volatile Observation observation = Observation.NONE;
    /** Written under the lock. */
    private volatile long doubts;

    Observed(Backend backend) {
        this.backend = backend;
    }

    Observation latest() {
        return observation;
    }

    long doubts() {
        return doubts;
    }

    /** Whether the backend would be eligible with these accepted hashes if nobody held it. */
    synchronized boolean wouldServe(List<String> hashes) {
        return (backend.reasons() & ~CLOSED & ~CONFIGURATION) == 0 && configuration(hashes) == 0;
    }

    synchronized void accept(List<String> hashes) {
        accepted = hashes;
        update(0, 0);
    }

    /** Returns whether the health, the eligibility or the configuration changed. */
    synchronized boolean probe(ProbeReport probe, long answeredDoubts) {
        Observation before = observation;
        observation = before.withProbe(probe, answeredDoubts == doubts);
        long set = (probe.health() == Health.DOWN ? DOWN : 0) | (probe.drains() ? DRAINING : 0);
        long clear = (probe.health() == Health.UP ? DOWN | NEW : 0)
                | (probe.passed() && answeredDoubts == doubts ? DRAINING : 0);
        boolean wordChanged = update(clear, set);
        return wordChanged
                || before.health() != observation.health()
                || !Objects.equals(before.configHash(), observation.configHash());
    }

    /** Nobody checks it any more: what checks found does not count. */
    synchronized boolean forgetChecks() {
        observation = observation.withoutChecks();
        return update(DOWN | NEW, 0);
    }

    synchronized boolean configuration(String hash) {
        if (accepted.isEmpty() || accepted.contains(hash)) {
            return false;
        }
        observation = observation.withConfigHash(hash);
        return update(0, 0);
    }

    synchronized boolean unverified(String why) {
        doubts = doubts + 1;
        observation = observation.withUnverified(why);
        return update(0, 0);
    }

    /** Only a check that begins after this can end it. */
    synchronized boolean draining() {
        doubts = doubts + 1;
        return backend.update(0, DRAINING);
    }

    synchronized boolean ejection(@Nullable Instant until, String why) {
        observation = observation.withEjection(until, why);
        return backend.update(EJECTED | ON_TRIAL | TRIAL_TAKEN, until == null ? 0 : EJECTED);
    }

    /** Ends an ejection, but for one request at a time; again when the trial before came to nothing. */
    synchronized boolean trial() {
        observation = observation.withEjection(null, "");
        return backend.offerTrial();
    }

    @GuardedBy("this")
    private boolean update(long clear, long set) {
        return backend.update(clear | CONFIGURATION, set | configuration(accepted));
    }

    /** What the configuration of the backend has against it where these hashes are accepted. */
    private long configuration(List<String> hashes) {
        if (hashes.isEmpty()) {
            return 0;
        }
        Observation seen = observation;
        long unverified = seen.unverifiedBecause().isEmpty() ? 0 : UNVERIFIED;
        // Whoever was never probed is given the benefit of the doubt; whoever answers without a hash is not.
        boolean wrong = seen.configHash() == null ? seen.health() == Health.UP : !hashes.contains(seen.configHash());
        return wrong ? unverified | WRONG_CONFIGURATION : unverified;
    }
}
