-- The Iceberg catalog, as pyiceberg's SQL catalog (schema v1) and the JDBC catalog of other engines expect it. Made here
-- by the owner, because the roles that read and write the lake may not run DDL.

create schema if not exists lake;

create table lake.iceberg_tables (
    catalog_name varchar(255) not null,
    table_namespace varchar(255) not null,
    table_name varchar(255) not null,
    metadata_location varchar(1000),
    previous_metadata_location varchar(1000),
    iceberg_type varchar(5),
    primary key (catalog_name, table_namespace, table_name)
);

create table lake.iceberg_namespace_properties (
    catalog_name varchar(255) not null,
    namespace varchar(255) not null,
    property_key varchar(255) not null,
    property_value varchar(1000) not null,
    primary key (catalog_name, namespace, property_key)
);
