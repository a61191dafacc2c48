package io.sluice.proxy.listener;

import io.sluice.proxy.tls.CertificateFileException;
import io.sluice.proxy.tls.Certificates;
import io.sluice.proxy.tls.TlsSettings;
import io.sluice.service.settings.InvalidSettingsException;
import io.sluice.service.settings.SettingProblem;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks at the files of certificates now and then, on a thread of its own. */
final class CertificateReloader {
    private static final Logger LOG = LoggerFactory.getLogger(CertificateReloader.class);

    private final Vertx vertx;
    private final Certificates certificates;
    private final long intervalMillis;
    private volatile @Nullable WorkerExecutor worker;
    private volatile long timer;

    CertificateReloader(Vertx vertx, TlsSettings settings) {
        this.vertx = vertx;
        this.certificates = new Certificates(settings);
        this.intervalMillis = settings.reloadInterval().toMillis();
    }

    Certificates certificates() {
        return certificates;
    }

    /** Fails with {@link InvalidSettingsException} when the files cannot be used. */
    Future<Void> start() {
        WorkerExecutor own = vertx.createSharedWorkerExecutor("sluice-certificates", 1);
        worker = own;
        return own.executeBlocking(() -> {
                    certificates.load();
                    return true;
                })
                .recover(cause -> Future.failedFuture(explain(cause)))
                .onSuccess(loaded -> next(own))
                .mapEmpty();
    }

    private static Throwable explain(Throwable cause) {
        return cause instanceof CertificateFileException wrong
                ? new InvalidSettingsException(List.of(
                        new SettingProblem("settings file", "listener.tls", wrong.file(), wrong.expectation(), null)))
                : cause;
    }

    private void next(WorkerExecutor own) {
        timer = vertx.setTimer(
                intervalMillis,
                tick -> own.executeBlocking(() -> {
                            certificates.reload();
                            return true;
                        })
                        .onFailure(bug -> LOG.error("certificates could not be looked at", bug))
                        .onComplete(looked -> {
                            if (worker != null) {
                                next(own);
                            }
                        }));
    }

    Future<Void> stop() {
        WorkerExecutor own = worker;
        worker = null;
        vertx.cancelTimer(timer);
        return own == null ? Future.succeededFuture() : own.close();
    }
}
