package io.sluice.proxy.pool;

import java.util.List;
import java.util.stream.Collectors;

/** A change was refused as a whole and changed nothing. */
public final class ChangeRefusedException extends RuntimeException {
    private final Refusal refusal;
    private final transient List<Detail> details;

    /** One reason; {@code pointer} is a JSON Pointer into the request's list of changes, such as {@code /changes/0/address}, or empty. */
    public record Detail(String pointer, String text) {}

    public ChangeRefusedException(Refusal refusal, List<Detail> details) {
        super(refusal + ": " + details.stream().map(Detail::text).collect(Collectors.joining("; ")));
        this.refusal = refusal;
        this.details = List.copyOf(details);
    }

    public ChangeRefusedException(Refusal refusal, String text) {
        this(refusal, List.of(new Detail("", text)));
    }

    public Refusal refusal() {
        return refusal;
    }

    public List<Detail> details() {
        return details;
    }
}
