package io.sluice.proxy.pool;

import org.jspecify.annotations.Nullable;

/**
 * The process whose place this one has taken, and which finishes what it has begun: it follows this one's changes, and a drain is over only
 * when nothing runs there either. Methods are called by the pool writer and by whoever looks at a drain; none of them blocks.
 */
public interface Predecessor {
    /** There is none, or nothing is left of it. */
    Predecessor NONE = new Predecessor() {
        @Override
        public void follow(byte[] states) {}

        @Override
        public Unfinished unfinished() {
            return Unfinished.NOTHING;
        }

        @Override
        public void onNews(Runnable wake) {}
    };

    /** Hands it the newest state of some pools, for {@link Pools#follow}. */
    void follow(byte[] states);

    /** What it said last that it still runs; null while it has said nothing. */
    @Nullable
    Unfinished unfinished();

    /** Calls {@code wake} whenever the answer of {@link #unfinished} may have changed, on any thread. */
    void onNews(Runnable wake);
}
