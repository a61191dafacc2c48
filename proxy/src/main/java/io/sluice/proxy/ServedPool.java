package io.sluice.proxy;

import io.sluice.proxy.balance.BalancedPool;
import io.sluice.proxy.forward.ForwardingTarget;
import io.sluice.proxy.health.FailureCounter;
import io.sluice.proxy.health.HealthChecker;
import io.sluice.proxy.health.SlowStarter;
import io.sluice.proxy.tls.BackendTls;
import io.sluice.proxy.tls.BackendTransport;
import io.sluice.proxy.tls.CertificateReloader;
import org.jspecify.annotations.Nullable;

/**
 * A pool with everybody who serves it.
 *
 * @param starter absent when backends get their share at once
 * @param tls how backends are spoken to; absent without TLS
 * @param reloader of the files that needs; absent without TLS
 */
record ServedPool(
        ConfiguredPool configured,
        BalancedPool balanced,
        FailureCounter failures,
        HealthChecker checker,
        @Nullable SlowStarter starter,
        @Nullable BackendTls tls,
        @Nullable CertificateReloader reloader) {
    ForwardingTarget target() {
        return new ForwardingTarget(balanced, failures, new BackendTransport(tls, configured.http2()));
    }
}
