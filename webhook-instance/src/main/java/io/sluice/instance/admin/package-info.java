/**
 * The calls by which an instance is operated: health, drain and configuration, under {@code /admin/}, on the port that takes webhooks.
 * {@link io.sluice.instance.admin.AdminRouter} puts the handlers behind the checks of who may call. Decides nothing itself.
 */
@NullMarked
package io.sluice.instance.admin;

import org.jspecify.annotations.NullMarked;
