package io.sluice.proxy.listener;

import io.sluice.proxy.http1.Fields;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** The fields of the heads that came on one HTTP/2 connection, used again when their exchange is over. */
final class SpareFields {
    private static final int MOST = 8;

    private final ArrayDeque<Fields> spare = new ArrayDeque<>(MOST);

    Fields take() {
        Fields last = spare.pollLast();
        return last == null ? new Fields() : last;
    }

    /** Nobody looks at them any more. */
    void giveBack(@Nullable Fields fields) {
        if (fields != null && spare.size() < MOST) {
            fields.restart();
            spare.addLast(fields);
        }
    }
}
