package io.sluice.proxy.api;

/** Request headers with a meaning of their own in the proxy's admin API. */
public final class ProxyHeaders {
    /** A rising number of the calling engine's reign; the proxy journals the highest and refuses lower ones with 412 {@code stale-epoch}. */
    public static final String ROLLOUT_EPOCH = "X-Rollout-Epoch";

    /** Who makes the change, for the journal; the token decides what is allowed, this only names. */
    public static final String AUTHOR = "X-Author";

    private ProxyHeaders() {}
}
