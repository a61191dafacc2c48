package io.sluice.proxy.forward;

import org.jspecify.annotations.Nullable;

/**
 * What a request says about the trace that it is part of.
 *
 * @param parent the value of {@code traceparent}
 * @param state that of {@code tracestate}; absent when there is none
 */
record TraceContext(String parent, @Nullable String state) {
    private static final int TRACE_ID = 3;
    private static final int PARENT_ID = 36;
    private static final int FLAGS = 53;
    private static final int LENGTH = 55;

    String traceId() {
        return parent.substring(TRACE_ID, PARENT_ID - 1);
    }

    /** Whether {@code parent} is one that this or a later version of the standard can have written (§3.2, §4.3). */
    static boolean isValid(String parent) {
        if (parent.length() < LENGTH || !isHex(parent, 0, 2) || parent.startsWith("ff")) {
            return false;
        }
        boolean first = parent.startsWith("00");
        boolean ends = parent.length() == LENGTH || (!first && parent.charAt(LENGTH) == '-');
        return ends
                && parent.charAt(TRACE_ID - 1) == '-'
                && isId(parent, TRACE_ID, PARENT_ID - 1)
                && parent.charAt(PARENT_ID - 1) == '-'
                && isId(parent, PARENT_ID, FLAGS - 1)
                && parent.charAt(FLAGS - 1) == '-'
                && isHex(parent, FLAGS, LENGTH);
    }

    private static boolean isId(String text, int from, int to) {
        if (!isHex(text, from, to)) {
            return false;
        }
        for (int i = from; i < to; i++) {
            if (text.charAt(i) != '0') {
                return true;
            }
        }
        return false;
    }

    private static boolean isHex(String text, int from, int to) {
        for (int i = from; i < to; i++) {
            char c = text.charAt(i);
            if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) {
                return false;
            }
        }
        return true;
    }
}
