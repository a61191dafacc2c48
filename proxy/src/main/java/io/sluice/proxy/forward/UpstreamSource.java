package io.sluice.proxy.forward;

import io.sluice.proxy.pool.Backend;
import io.sluice.proxy.tls.BackendTls;
import org.jspecify.annotations.Nullable;

/** Where the attempts of one event loop get their way to a backend. */
interface UpstreamSource {
    /** Waits for a new connection; called on the loop, exactly once, perhaps before {@link #connect} returns. */
    interface Opened {
        void opened(Upstream upstream);

        void failed(Throwable cause);
    }

    /** Something that is being opened. */
    interface Opening {
        /** It is not wanted any more. */
        void cancel();
    }

    /**
     * One on a connection that is open and believed to be alive; null when there is none.
     *
     * @param tls how it has to speak TLS; null when it must not
     * @param fresh whether only one that was used a moment ago will do, since the request could not be repeated
     */
    @Nullable
    Upstream poll(Backend backend, @Nullable BackendTls tls, boolean fresh);

    /**
     * Opens a connection; never gives up by itself, since whoever waits has a deadline.
     *
     * @param tls how it speaks TLS; null when it does not
     */
    Opening connect(Backend backend, @Nullable BackendTls tls, Opened opened);

    /** Lets no new request use connections to a backend, because it left the pool, is held, or is spoken to in another way. */
    void closeIdle(Backend backend);

    /** Closes what has been idle for too long. */
    void sweep(long now);

    void closeAll();
}
