package io.sluice.proxy.api;

/**
 * What a route is for, in the order in which routes are tried.
 *
 * @param scheme {@code http} or {@code https}; empty for both
 * @param host empty for any
 * @param path as it is matched: {@code = /x} for that path alone, {@code /x} for all below it
 * @param methods empty for any
 * @param to the pool; empty when the proxy answers by itself
 * @param fallback the pool that is used while nobody in the first is eligible; empty when there is none
 */
public record RouteSummary(
        String name, String scheme, String host, String path, String methods, String to, String fallback) {}
