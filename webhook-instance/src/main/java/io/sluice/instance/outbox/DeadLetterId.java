package io.sluice.instance.outbox;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Names a dead letter: the event's entry and the position of the step in its chain, written {@code 17-0}. */
public record DeadLetterId(long entry, int step) implements Comparable<DeadLetterId> {
    private static final Pattern FORM = Pattern.compile("([0-9]{1,18})-([0-9]{1,3})");

    /** Empty when the text has another form. */
    public static Optional<DeadLetterId> parse(String text) {
        Matcher matcher = FORM.matcher(text);
        return matcher.matches()
                ? Optional.of(new DeadLetterId(Long.parseLong(matcher.group(1)), Integer.parseInt(matcher.group(2))))
                : Optional.empty();
    }

    @Override
    public int compareTo(DeadLetterId other) {
        int byEntry = Long.compare(entry, other.entry);
        return byEntry != 0 ? byEntry : Integer.compare(step, other.step);
    }

    @Override
    public String toString() {
        return entry + "-" + step;
    }
}
