package io.sluice.proxy.pool;

import io.sluice.proxy.api.DrainOperation;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One live pool. Reading is one volatile read of an immutable snapshot; wishes arrive from the writer ({@link Pools}) alone, observations
 * from anywhere.
 */
public final class BackendPool {
    private static final Logger LOG = LoggerFactory.getLogger(BackendPool.class);

    private final String name;
    /** Set by the writer alone. */
    private volatile PoolSettings settings;

    private final Consumer<Backend> onQuiet;
    private final PoolSignals signals = new PoolSignals();
    /** The one reference that readers follow; set by the writer alone. */
    private volatile PoolSnapshot snapshot;

    private final List<PoolChangeListener> listeners = new CopyOnWriteArrayList<>();

    /**
     * @param state what to start from
     * @param waits which of its backends wait for their first passing check: not those that a restart brought back
     * @param onQuiet told when the last request of a closed backend has finished
     */
    BackendPool(PoolSettings settings, PoolState state, Predicate<BackendState> waits, Consumer<Backend> onQuiet) {
        this.name = settings.name();
        this.settings = settings;
        this.onQuiet = onQuiet;
        this.snapshot = new PoolSnapshot(PoolState.empty(settings.name()), List.of(), settings);
        apply(state, waits);
    }

    /** A pool as its settings describe it, that nobody changes and nothing journals. */
    public static BackendPool fixed(PoolSettings settings) {
        return new BackendPool(
                settings, PoolState.first(settings), backend -> settings.waitForFirstPass(), backend -> {});
    }

    public String name() {
        return name;
    }

    public PoolSettings settings() {
        return settings;
    }

    /** The pool as it is now; read it again for every attempt. */
    public PoolSnapshot snapshot() {
        return snapshot;
    }

    public void addListener(PoolChangeListener listener) {
        listeners.add(listener);
    }

    public void removeListener(PoolChangeListener listener) {
        listeners.remove(listener);
    }

    /**
     * Counts one more request that waits for a backend; each call that returns true needs one of {@link #endWait}. Who waits has to try once
     * more after this call and before it waits: room that was made before is not announced.
     *
     * @return false when as many wait as the pool's queue limit allows
     */
    public boolean tryWait() {
        return signals.tryWait(settings.limits().queueLimit());
    }

    public void endWait() {
        signals.endWait();
    }

    /** How many requests wait for a backend. */
    public int waiting() {
        return signals.waiting();
    }

    /**
     * Calls {@code listener} whenever a full backend has room again, for as long as somebody waits ({@link #tryWait}), on the thread that
     * finished the request; it must be quick and must not throw. Everything else that may end a wait is told to {@link PoolChangeListener}s.
     */
    public void onRoom(Runnable listener) {
        signals.addRoomListener(listener);
    }

    /**
     * Calls {@code listener} after a request on a backend has ended and after any change that matters to a choice. One listener a pool: its
     * balancer. Called on any thread, and on the way of every request.
     */
    public void onMove(Consumer<Backend> listener) {
        signals.setMoveListener(listener);
    }

    /** Calls {@code listener} when the request that was a backend's trial has ended. One listener a pool: who judges trials. */
    public void onTrialEnd(Consumer<Backend> listener) {
        signals.setTrialListener(listener);
    }

    /** Lets only so many thousandths of a backend's weight count, 1 to 1,000. */
    public void ramp(Backend backend, int thousandths) {
        backend.ramp(thousandths);
    }

    /**
     * Takes in the outcome of one active check, and what the checker concludes from it. A pass verifies an unverified backend.
     *
     * @param doubts the backend's count before the check's connection was opened; the check says nothing about later ones
     */
    public void report(Backend backend, ProbeReport probe, long doubts) {
        announceIf(backend.observed().probe(probe, doubts), backend);
    }

    /**
     * Takes in the {@code X-Config-Hash} of a response to traffic. It can only speak against the backend: the request may have been
     * answered by a process that is gone by now.
     */
    public void reportConfiguration(Backend backend, String configHash) {
        announceIf(backend.observed().configuration(configHash), backend);
    }

    /**
     * Takes in that the process behind a backend may be another one than before (its health connection was closed, a connect failed).
     * While the pool admits certain configurations only, the backend gets nothing until its next passing check.
     */
    public void reportUnverified(Backend backend, String why) {
        announceIf(backend.observed().unverified(why), backend);
    }

    /**
     * Takes in that a backend itself asks for no more requests. It gets none until a check that began after this passes and does not say the
     * same. Where nobody checks, nobody could end that, so that it means nothing there.
     */
    public void reportDraining(Backend backend) {
        if (settings.waitForFirstPass() && !backend.isDraining()) {
            LOG.info("{}: asks for no more requests", backend);
            announceIf(backend.observed().draining(), backend);
        }
    }

    /** Puts a backend aside until {@link #readmit}; the caller keeps the time. */
    public void eject(Backend backend, Instant until, String why) {
        announceIf(backend.observed().ejection(until, why), backend);
    }

    /** Ends an ejection, or a trial that succeeded. */
    public void readmit(Backend backend) {
        announceIf(backend.observed().ejection(null, ""), backend);
    }

    /** Lets one request through to an ejected backend, or another one after the last came to nothing. */
    public void offerTrial(Backend backend) {
        announceIf(backend.observed().trial(), backend);
    }

    private void announceIf(boolean changed, Backend backend) {
        if (changed) {
            snapshot.recount();
            tell(listener -> listener.backendObserved(this, backend));
        }
    }

    /** As {@link #apply}, with other settings too. */
    void reconfigure(PoolSettings changed, PoolState next) {
        boolean checksEnd = settings.waitForFirstPass() && !changed.waitForFirstPass();
        settings = changed;
        apply(next, backend -> changed.waitForFirstPass());
        if (checksEnd) {
            snapshot.backends().forEach(backend -> announceIf(backend.observed().forgetChecks(), backend));
        }
    }

    /** Makes a new state take effect; called by the writer alone, after the state was stored. */
    void apply(PoolState next, Predicate<BackendState> waits) {
        PoolSnapshot before = snapshot;
        List<Backend> added = new ArrayList<>();
        List<Backend> flipped = new ArrayList<>();
        List<Backend> backends = new ArrayList<>();
        boolean reweighted = false;
        for (BackendState wished : next.backends()) {
            Backend current = before.find(wished.id());
            if (current == null || current.incarnation() != wished.incarnation()) {
                current = newBackend(wished, waits.test(wished));
                added.add(current);
            } else if (current.isClosed() != wished.isHeld()) {
                flipped.add(current);
            }
            reweighted |= current.weight() != wished.weight() || current.isBackup() != wished.backup();
            current.configure(wished, settings.limits().maxInFlight());
            backends.add(current);
        }
        Set<Backend> staying = new HashSet<>(backends);
        List<Backend> retired = before.backends().stream()
                .filter(backend -> !staying.contains(backend))
                .toList();
        boolean sameMembers = added.isEmpty() && retired.isEmpty() && !reweighted;
        // First those that may serve from now on, then those that may no more: a change that replaces one by the other
        // must leave
        // nobody without a backend in between. Whoever asked for it is answered after all of this.
        List<String> accepted = next.acceptedConfiguration();
        List<Backend> closing =
                flipped.stream().filter(backend -> !backend.isClosed()).toList();
        List<Backend> opening = flipped.stream().filter(Backend::isClosed).toList();
        Set<Backend> served = new LinkedHashSet<>(opening);
        served.addAll(added);
        backends.stream()
                .filter(backend -> backend.observed().wouldServe(accepted))
                .forEach(served::add);
        served.forEach(backend -> backend.observed().accept(accepted));
        opening.forEach(backend -> backend.setHeld(false));
        PoolSnapshot now = new PoolSnapshot(next, sameMembers ? before.backends() : backends, settings);
        now.recount();
        snapshot = now;
        backends.stream()
                .filter(backend -> !served.contains(backend))
                .forEach(backend -> backend.observed().accept(accepted));
        closing.forEach(backend -> backend.setHeld(true));
        retired.forEach(Backend::retire);
        now.recount();
        announce(before, now, added, retired, flipped);
    }

    void announceDrain(DrainOperation drain) {
        tell(listener -> {
            if (drain.state().isFinal()) {
                listener.drainEnded(this, drain);
            } else {
                listener.drainStarted(this, drain);
            }
        });
    }

    /** A listener that fails must not keep a change from the others, nor from whoever asked for it. */
    private void tell(Consumer<PoolChangeListener> news) {
        for (PoolChangeListener listener : listeners) {
            try {
                news.accept(listener);
            } catch (RuntimeException e) {
                LOG.error("a listener of pool {} failed", name(), e);
            }
        }
    }

    private Backend newBackend(BackendState wished, boolean waits) {
        Backend backend = new Backend(name(), wished, waits, onQuiet, signals);
        backend.setHeld(wished.isHeld());
        if (settings.waitForFirstPass() && !waits) {
            // The journal knows it, but what runs there now was started by nobody knows whom.
            backend.observed().unverified("not checked since this proxy started");
        }
        return backend;
    }

    private void announce(
            PoolSnapshot before, PoolSnapshot now, List<Backend> added, List<Backend> retired, List<Backend> flipped) {
        added.forEach(backend -> tell(listener -> listener.backendAdded(this, backend)));
        retired.forEach(backend -> tell(listener -> listener.backendRetired(this, backend)));
        flipped.forEach(backend -> tell(listener -> listener.backendHeld(this, backend, backend.isClosed())));
        tell(listener -> listener.poolChanged(this, before, now));
    }
}
