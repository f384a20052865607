CREATE TABLE `alarm_rules` (
	`id` text PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`flow_id` text,
	`enabled` integer NOT NULL,
	`threshold` real,
	`hold_ms` integer NOT NULL,
	`clear_ms` integer NOT NULL,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`flow_id`) REFERENCES `flows`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `alarm_rules_scope` ON `alarm_rules` (`kind`,`flow_id`);--> statement-breakpoint
CREATE TABLE `alarms` (
	`id` text PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`flow_id` text,
	`flow_name` text,
	`pipeline` text,
	`endpoint_id` text,
	`endpoint_name` text,
	`relay_id` text,
	`value` real,
	`threshold` real,
	`since` integer NOT NULL,
	`fired_at` integer NOT NULL,
	`cleared_at` integer,
	`cleared_by` text,
	`acknowledged_at` integer,
	`acknowledged_by` text
);
--> statement-breakpoint
CREATE INDEX `alarms_cleared` ON `alarms` (`cleared_at`);--> statement-breakpoint
CREATE INDEX `alarms_fired` ON `alarms` (`fired_at`);--> statement-breakpoint
CREATE TABLE `deliveries` (
	`number` integer PRIMARY KEY NOT NULL,
	`id` text NOT NULL,
	`webhook_id` text NOT NULL,
	`type` text NOT NULL,
	`alarm_id` text,
	`body` text NOT NULL,
	`created_at` integer NOT NULL,
	`attempts` integer NOT NULL,
	`last_at` integer,
	`last_answer` text,
	`ended_at` integer,
	`end` text,
	FOREIGN KEY (`webhook_id`) REFERENCES `webhooks`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `deliveries_id_unique` ON `deliveries` (`id`);--> statement-breakpoint
CREATE INDEX `deliveries_webhook` ON `deliveries` (`webhook_id`,`number`);--> statement-breakpoint
CREATE TABLE `scrape_tokens` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`token_hash` text NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `webhooks` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`url` text NOT NULL,
	`kinds` text,
	`enabled` integer NOT NULL,
	`sealed_secret` text NOT NULL,
	`created_at` integer NOT NULL
);
