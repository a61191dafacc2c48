package io.sluice.instance.drain;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Who keeps this instance from taking requests. The first holder starts the drain: requests are taken for its grace period more, then the
 * gate is shut. A further holder can only shorten that. When the last holder has gone the gate opens. Everything may be repeated. Not
 * kept over a restart. Any thread.
 */
public final class Drain {
    private final DrainGate gate;
    private final Timer timer;
    private final Clock clock;

    private final Object lock = new Object();

    @GuardedBy("lock")
    private final Map<String, Instant> deadlines = new LinkedHashMap<>();

    @GuardedBy("lock")
    private @Nullable Instant graceEnd;

    @GuardedBy("lock")
    private Runnable cancelTimer = () -> {};

    @GuardedBy("lock")
    private List<CompletableFuture<Void>> waiting = new ArrayList<>();

    public Drain(DrainGate gate, Timer timer, Clock clock) {
        this.gate = gate;
        this.timer = timer;
        this.clock = clock;
        gate.onEmpty(this::tellDrained);
    }

    /** Adds a holder, or lets it stay. A grace of zero refuses new requests at once. {@code deadline} is only reported, see {@link DrainView}. */
    public DrainView start(String holder, Duration grace, Duration deadline) {
        synchronized (lock) {
            Instant now = clock.instant();
            deadlines.putIfAbsent(holder, now.plus(deadline));
            gate.closeConnections(true);
            Instant end = now.plus(grace);
            if (!gate.isShut() && (graceEnd == null || end.isBefore(graceEnd))) {
                graceEnd = end;
                cancelTimer.run();
                if (grace.isZero()) {
                    shut();
                } else {
                    cancelTimer = timer.after(grace, () -> graceOver(end));
                }
            }
        }
        tellDrained();
        return view();
    }

    /** Removes this holder alone. */
    public DrainView end(String holder) {
        synchronized (lock) {
            if (deadlines.remove(holder) != null && deadlines.isEmpty()) {
                cancelTimer.run();
                graceEnd = null;
                gate.reopen();
                gate.closeConnections(false);
            }
        }
        return view();
    }

    public DrainView view() {
        synchronized (lock) {
            long inFlight = gate.inFlight();
            Instant now = clock.instant();
            boolean overdue = inFlight > 0 && deadlines.values().stream().anyMatch(now::isAfter);
            return new DrainView(phase(inFlight), List.copyOf(deadlines.keySet()), inFlight, overdue);
        }
    }

    /** Whether nobody drains: requests are taken as usual. */
    public boolean isActive() {
        synchronized (lock) {
            return deadlines.isEmpty();
        }
    }

    /**
     * Completes when new requests are refused and none runs, on the thread that brought that about. Never fails. Whoever gives up waiting
     * says so with {@link #forget}.
     */
    public CompletableFuture<Void> drained() {
        CompletableFuture<Void> drained = new CompletableFuture<>();
        synchronized (lock) {
            waiting.add(drained);
        }
        tellDrained();
        return drained;
    }

    /** Nobody waits any more for what {@link #drained} gave. */
    public void forget(CompletableFuture<Void> drained) {
        synchronized (lock) {
            waiting.removeIf(each -> each == drained);
        }
    }

    @GuardedBy("lock")
    private DrainPhase phase(long inFlight) {
        if (deadlines.isEmpty()) {
            return DrainPhase.ACTIVE;
        }
        if (!gate.isShut()) {
            return DrainPhase.LAME_DUCK;
        }
        return inFlight > 0 ? DrainPhase.DRAINING : DrainPhase.DRAINED;
    }

    @GuardedBy("lock")
    private void shut() {
        gate.shut();
    }

    private void graceOver(Instant end) {
        synchronized (lock) {
            if (!end.equals(graceEnd)) {
                return; // undrained, or shortened, while the timer was on its way
            }
            shut();
        }
        tellDrained();
    }

    private void tellDrained() {
        List<CompletableFuture<Void>> told;
        synchronized (lock) {
            if (phase(gate.inFlight()) != DrainPhase.DRAINED || waiting.isEmpty()) {
                return;
            }
            told = waiting;
            waiting = new ArrayList<>();
        }
        told.forEach(drained -> drained.complete(null));
    }
}
