package io.sluice.proxy.discovery;

/** Which addresses of a name count. An instance with both kinds must not become two backends, unless that is wanted. */
public enum AddressFamily {
    /** IPv4 where the name has any, otherwise IPv6. */
    AUTO,
    IPV4,
    IPV6,
    BOTH
}
