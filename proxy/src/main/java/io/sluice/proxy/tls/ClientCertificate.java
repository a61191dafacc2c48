package io.sluice.proxy.tls;

/** Whether clients have to prove who they are. */
public enum ClientCertificate {
    /** They are not asked. */
    NONE,
    /** They are asked; one that shows a certificate needs a valid one. */
    OPTIONAL,
    /** Without a valid one there is no connection. */
    REQUIRED
}
