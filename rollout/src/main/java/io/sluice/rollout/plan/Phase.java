package io.sluice.rollout.plan;

/** Where a rollout is. A terminal phase is never left. */
public enum Phase {
    /** Accepted and durable, nothing touched. */
    PENDING,
    /** Pre-flight; touches no instance. */
    VALIDATING,
    /** Walking over the instances in batches. */
    RUNNING,
    /** Waiting between two batches. */
    BAKING,
    /** At a safe point, with all capacity given back; the {@link PauseReason} says why. */
    PAUSED,
    /** Making the current instances safe, then stopping. */
    ABORTING,
    /** Walking the touched instances back to what each of them ran before. */
    ROLLING_BACK,
    /** The engine cannot make it better without harm; a human may roll back again or acknowledge by aborting. */
    NEEDS_ATTENTION,
    SUCCEEDED(true),
    /** Done, but at least one instance was skipped or put back. */
    PARTIAL(true),
    /** The pre-flight found problems; no instance was touched. */
    REJECTED(true),
    /** Stopped by request; the fleet may be mixed. */
    ABORTED(true),
    /** Stopped by the failure policy; the fleet may be mixed. */
    HALTED(true),
    ROLLED_BACK(true);

    private final boolean terminal;

    Phase() {
        this(false);
    }

    Phase(boolean terminal) {
        this.terminal = terminal;
    }

    public boolean isTerminal() {
        return terminal;
    }
}
