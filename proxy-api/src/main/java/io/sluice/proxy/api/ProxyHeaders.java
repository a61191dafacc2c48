package io.sluice.proxy.api;

/** Headers with a meaning of their own in the proxy's admin API. */
public final class ProxyHeaders {
    /** A rising number of the calling engine's reign; the proxy journals the highest and refuses lower ones with 412 {@code stale-epoch}. */
    public static final String ROLLOUT_EPOCH = "X-Rollout-Epoch";

    /** Who makes the change, for the journal; the token decides what is allowed, this only names. */
    public static final String AUTHOR = "X-Author";

    /** On the answer to a change: {@code volatile} when a restart of the proxy would forget it, because its journal takes nothing. */
    public static final String DURABILITY = "Sluice-Durability";

    private ProxyHeaders() {}
}
