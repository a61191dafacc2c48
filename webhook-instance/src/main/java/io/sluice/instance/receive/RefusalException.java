package io.sluice.instance.receive;

/** Carries a refusal through a future; nobody looks at its stack. */
final class RefusalException extends RuntimeException {
    private final transient Refusal refusal;

    RefusalException(Refusal refusal) {
        super(refusal.reason(), null, false, false);
        this.refusal = refusal;
    }

    Refusal refusal() {
        return refusal;
    }
}
