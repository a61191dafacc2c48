package io.sluice.instance.api;

/** Paths of an instance; existing scripts call them, so they never change. */
public final class InstancePaths {
    public static final String WEBHOOK = "/webhook/";
    public static final String HEALTH = "/admin/health";
    public static final String LIVE = "/admin/health/live";
    public static final String READY = "/admin/health/ready";
    public static final String DRAIN = "/admin/drain";
    public static final String UNDRAIN = "/admin/undrain";
    public static final String DRAIN_STATUS = "/admin/drain-status";
    public static final String CONFIG = "/admin/config";
    public static final String CONFIG_UPDATE = "/admin/config-update";
    public static final String CONFIG_VERSION = "/admin/config-version";
    public static final String CONFIG_RESTORE = "/admin/config-restore";
    public static final String DEAD_LETTERS = "/admin/dead-letters";

    private InstancePaths() {}
}
