export type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[]

export type Database = {
  __InternalSupabase: { PostgrestVersion: "14.1" }
  api: {
    Tables: {
      moods: {
        Row: {
          mood: Database["api"]["Enums"]["mood"]
          status: Database["public"]["Enums"]["status"] | null
        }
        Insert: {
          mood: Database["api"]["Enums"]["mood"]
          status?: Database["public"]["Enums"]["status"] | null
        }
        Update: {
          mood?: Database["api"]["Enums"]["mood"]
          status?: Database["public"]["Enums"]["status"] | null
        }
        Relationships: []
      }
    }
    Views: {
      [_ in never]: never
    }
    Functions: {
      catalogue: {
        Args: never
        Returns: {
          at: string
          blob: string | null
          color: Json | null
          data: Json | null
          during: string | null
          id: number
          level: "low" | "high" | null
          pair: { a: number | null; b: string | null } | null
          price: number
          spot: string | null
          states: Database["public"]["Enums"]["status"][] | null
          status: Database["public"]["Enums"]["status"]
          subtitle: string
          tags: string[]
          taxed: number | null
          title: string
          took: string | null
          words: string | null
        }[]
      }
    }
    Enums: {
      mood: "sad" | "happy"
    }
    CompositeTypes: {
      [_ in never]: never
    }
  }
  "odd-schema": {
    Tables: {
      "a.b": {
        Row: {
          id: number
        }
        Insert: {
          id: number
        }
        Update: {
          id?: number
        }
        Relationships: []
      }
      plain: {
        Row: {
          id: number
          kind: Database["public"]["Enums"]["__proto__"] | null
        }
        Insert: {
          id: number
          kind?: Database["public"]["Enums"]["__proto__"] | null
        }
        Update: {
          id?: number
          kind?: Database["public"]["Enums"]["__proto__"] | null
        }
        Relationships: []
      }
    }
    Views: {
      [_ in never]: never
    }
    Functions: {
      [_ in never]: never
    }
    Enums: {
      [_ in never]: never
    }
    CompositeTypes: {
      [_ in never]: never
    }
  }
  public: {
    Tables: {
      class: {
        Row: {
          "1st": number | null
          __proto__: number | null
          new: number
          "quo\"te\\": string | null
          "with-dash": string | null
          "ünï": string | null
        }
        Insert: {
          "1st"?: number | null
          __proto__?: number | null
          new: number
          "quo\"te\\"?: string | null
          "with-dash"?: string | null
          "ünï"?: string | null
        }
        Update: {
          "1st"?: number | null
          __proto__?: number | null
          new?: number
          "quo\"te\\"?: string | null
          "with-dash"?: string | null
          "ünï"?: string | null
        }
        Relationships: []
      }
      customers: {
        Row: {
          email: string | null
          home: Database["public"]["CompositeTypes"]["address"] | null
          id: number
          mood: Database["api"]["Enums"]["mood"] | null
          name: string
          initials: string | null
        }
        Insert: {
          email?: string | null
          home?: Database["public"]["CompositeTypes"]["address"] | null
          id?: never
          mood?: Database["api"]["Enums"]["mood"] | null
          name: string
        }
        Update: {
          email?: string | null
          home?: Database["public"]["CompositeTypes"]["address"] | null
          id?: never
          mood?: Database["api"]["Enums"]["mood"] | null
          name?: string
        }
        ComputedFields: "initials"
        Relationships: []
      }
      events: {
        Row: {
          at: string
          id: number
        }
        Insert: {
          at: string
          id: number
        }
        Update: {
          at?: string
          id?: number
        }
        Relationships: []
      }
      nothing: {
        Row: {}
        Insert: {}
        Update: {}
        Relationships: []
      }
      orders: {
        Row: {
          billed_to: number | null
          customer_id: number
          id: string
          parent_id: string | null
          product_id: number | null
        }
        Insert: {
          billed_to?: number | null
          customer_id: number
          id?: string
          parent_id?: string | null
          product_id?: number | null
        }
        Update: {
          billed_to?: number | null
          customer_id?: number
          id?: string
          parent_id?: string | null
          product_id?: number | null
        }
        Relationships: [
          {
            foreignKeyName: "orders_billed_to_fkey"
            columns: ["billed_to"]
            isOneToOne: false
            referencedRelation: "customers"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "orders_customer_id_fkey"
            columns: ["customer_id"]
            isOneToOne: false
            referencedRelation: "customers"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "orders_parent_id_fkey"
            columns: ["parent_id"]
            isOneToOne: false
            referencedRelation: "order_facts"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "orders_parent_id_fkey"
            columns: ["parent_id"]
            isOneToOne: false
            referencedRelation: "order_list"
            referencedColumns: ["order_id"]
          },
          {
            foreignKeyName: "orders_parent_id_fkey"
            columns: ["parent_id"]
            isOneToOne: false
            referencedRelation: "orders"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "orders_product_id_fkey"
            columns: ["product_id"]
            isOneToOne: false
            referencedRelation: "cheap"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "orders_product_id_fkey"
            columns: ["product_id"]
            isOneToOne: false
            referencedRelation: "products"
            referencedColumns: ["id"]
          },
        ]
      }
      product_tags: {
        Row: {
          product_id: number
          tag_id: number
        }
        Insert: {
          product_id: number
          tag_id: number
        }
        Update: {
          product_id?: number
          tag_id?: number
        }
        Relationships: [
          {
            foreignKeyName: "product_tags_product_id_fkey"
            columns: ["product_id"]
            isOneToOne: false
            referencedRelation: "cheap"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "product_tags_product_id_fkey"
            columns: ["product_id"]
            isOneToOne: false
            referencedRelation: "products"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "product_tags_tag_id_fkey"
            columns: ["tag_id"]
            isOneToOne: false
            referencedRelation: "tags"
            referencedColumns: ["id"]
          },
        ]
      }
      products: {
        Row: {
          at: string
          blob: string | null
          color: Json | null
          data: Json | null
          during: string | null
          id: number
          level: "low" | "high" | null
          pair: { a: number | null; b: string | null } | null
          price: number
          spot: string | null
          states: Database["public"]["Enums"]["status"][] | null
          status: Database["public"]["Enums"]["status"]
          subtitle: string
          tags: string[]
          taxed: number | null
          title: string
          took: string | null
          words: string | null
          full_title: string | null
        }
        Insert: {
          at?: string
          blob?: string | null
          color?: Json | null
          data?: Json | null
          during?: string | null
          id?: number
          level?: "low" | "high" | null
          pair?: { a: number | null; b: string | null } | null
          price: number
          spot?: string | null
          states?: Database["public"]["Enums"]["status"][] | null
          status?: Database["public"]["Enums"]["status"]
          subtitle?: string
          tags?: string[]
          taxed?: never
          title: string
          took?: string | null
          words?: string | null
        }
        Update: {
          at?: string
          blob?: string | null
          color?: Json | null
          data?: Json | null
          during?: string | null
          id?: number
          level?: "low" | "high" | null
          pair?: { a: number | null; b: string | null } | null
          price?: number
          spot?: string | null
          states?: Database["public"]["Enums"]["status"][] | null
          status?: Database["public"]["Enums"]["status"]
          subtitle?: string
          tags?: string[]
          taxed?: never
          title?: string
          took?: string | null
          words?: string | null
        }
        ComputedFields: "full_title"
        Relationships: []
      }
      receipts: {
        Row: {
          order_id: string
          total: number
        }
        Insert: {
          order_id: string
          total: number
        }
        Update: {
          order_id?: string
          total?: number
        }
        Relationships: [
          {
            foreignKeyName: "receipts_order_id_fkey"
            columns: ["order_id"]
            isOneToOne: true
            referencedRelation: "order_facts"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "receipts_order_id_fkey"
            columns: ["order_id"]
            isOneToOne: true
            referencedRelation: "order_list"
            referencedColumns: ["order_id"]
          },
          {
            foreignKeyName: "receipts_order_id_fkey"
            columns: ["order_id"]
            isOneToOne: true
            referencedRelation: "orders"
            referencedColumns: ["id"]
          },
        ]
      }
      remote: {
        Row: {
          body: string | null
          id: number
        }
        Insert: {
          body?: string | null
          id: number
        }
        Update: {
          body?: string | null
          id?: number
        }
        Relationships: []
      }
      tags: {
        Row: {
          id: number
          name: string
        }
        Insert: {
          id: number
          name: string
        }
        Update: {
          id?: number
          name?: string
        }
        Relationships: []
      }
    }
    Views: {
      cheap: {
        Row: {
          id: number | null
          price: number | null
          taxed: number | null
          title: string | null
          twice: number | null
        }
        Insert: {
          id?: number | null
          price?: number | null
          taxed?: number | null
          title?: string | null
          twice?: never
        }
        Update: {
          id?: number | null
          price?: number | null
          taxed?: number | null
          title?: string | null
          twice?: never
        }
        Relationships: []
      }
      counted: {
        Row: {
          products: number | null
          status: Database["public"]["Enums"]["status"] | null
        }
        Relationships: []
      }
      inbox: {
        Row: {
          body: string | null
          id: number | null
        }
        Insert: {
          body?: string | null
          id?: number | null
        }
        Relationships: []
      }
      order_facts: {
        Row: {
          customer_id: number | null
          id: string | null
          product_id: number | null
        }
        Relationships: [
          {
            foreignKeyName: "orders_customer_id_fkey"
            columns: ["customer_id"]
            isOneToOne: false
            referencedRelation: "customers"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "orders_product_id_fkey"
            columns: ["product_id"]
            isOneToOne: false
            referencedRelation: "cheap"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "orders_product_id_fkey"
            columns: ["product_id"]
            isOneToOne: false
            referencedRelation: "products"
            referencedColumns: ["id"]
          },
        ]
      }
      order_list: {
        Row: {
          customer_id: number | null
          name: string | null
          order_id: string | null
        }
        Relationships: [
          {
            foreignKeyName: "orders_customer_id_fkey"
            columns: ["customer_id"]
            isOneToOne: false
            referencedRelation: "customers"
            referencedColumns: ["id"]
          },
        ]
      }
    }
    Functions: {
      add: {
        Args: { a: number; b: number }
        Returns: number
      }
      best: {
        Args: never
        Returns: {
          at: string
          blob: string | null
          color: Json | null
          data: Json | null
          during: string | null
          id: number
          level: "low" | "high" | null
          pair: { a: number | null; b: string | null } | null
          price: number
          spot: string | null
          states: Database["public"]["Enums"]["status"][] | null
          status: Database["public"]["Enums"]["status"]
          subtitle: string
          tags: string[]
          taxed: number | null
          title: string
          took: string | null
          words: string | null
        }
        SetofOptions: {
          from: "*"
          to: "products"
          isOneToOne: true
          isSetofReturn: false
        }
      }
      both: {
        Args: { n: number }
        Returns: {
          n: number
          doubled: number
        }
      }
      clash:
        | {
            Args: { a: number }
            Returns: { error: true } & "Could not choose the best candidate function between: public.clash(a => int4), public.clash(a => text). Try renaming the parameters or the function itself in the database so function overloading can be resolved"
          }
        | {
            Args: { a: string }
            Returns: { error: true } & "Could not choose the best candidate function between: public.clash(a => int4), public.clash(a => text). Try renaming the parameters or the function itself in the database so function overloading can be resolved"
          }
      customers_like: {
        Args: { customer: Database["public"]["Tables"]["customers"]["Row"] }
        Returns: {
          email: string | null
          home: Database["public"]["CompositeTypes"]["address"] | null
          id: number
          mood: Database["api"]["Enums"]["mood"] | null
          name: string
        }[]
        SetofOptions: {
          from: "customers"
          to: "customers"
          isOneToOne: false
          isSetofReturn: true
        }
      }
      find:
        | {
            Args: { id: number }
            Returns: string
          }
        | {
            Args: { name: string; exact?: boolean }
            Returns: {
              email: string | null
              home: Database["public"]["CompositeTypes"]["address"] | null
              id: number
              mood: Database["api"]["Enums"]["mood"] | null
              name: string
            }[]
            SetofOptions: {
              from: "*"
              to: "customers"
              isOneToOne: false
              isSetofReturn: true
            }
          }
      full_title: {
        Args: { "": Database["public"]["Tables"]["products"]["Row"] }
        Returns: { error: true } & "The function public.full_title is a computed field of products: select it there"
      }
      home_of: {
        Args: { customer_id: number }
        Returns: Database["public"]["CompositeTypes"]["address"]
        SetofOptions: {
          from: "*"
          to: "address"
          isOneToOne: true
          isSetofReturn: false
        }
      }
      ids: {
        Args: never
        Returns: number[]
      }
      ingest: {
        Args: { "": Json }
        Returns: Json
      }
      initials: {
        Args: { customer: Database["public"]["Tables"]["customers"]["Row"] }
        Returns: string
      }
      join_all: {
        Args: { parts: string[] }
        Returns: string
      }
      json_color: {
        Args: { "": Json }
        Returns: number
      }
      latest_order: {
        Args: { "": Database["public"]["Tables"]["customers"]["Row"] }
        Returns: {
          billed_to: number | null
          customer_id: number
          id: string
          parent_id: string | null
          product_id: number | null
        }
        SetofOptions: {
          from: "customers"
          to: "orders"
          isOneToOne: true
          isSetofReturn: true
        }
      }
      owner: {
        Args: { "": Database["public"]["Tables"]["orders"]["Row"] }
        Returns: {
          email: string | null
          home: Database["public"]["CompositeTypes"]["address"] | null
          id: number
          mood: Database["api"]["Enums"]["mood"] | null
          name: string
        }
        SetofOptions: {
          from: "orders"
          to: "customers"
          isOneToOne: true
          isSetofReturn: false
        }
      }
      pair: {
        Args: never
        Returns: { a: number | null; b: string | null }
      }
      search: {
        Args: { term: string; max?: number }
        Returns: {
          at: string
          blob: string | null
          color: Json | null
          data: Json | null
          during: string | null
          id: number
          level: "low" | "high" | null
          pair: { a: number | null; b: string | null } | null
          price: number
          spot: string | null
          states: Database["public"]["Enums"]["status"][] | null
          status: Database["public"]["Enums"]["status"]
          subtitle: string
          tags: string[]
          taxed: number | null
          title: string
          took: string | null
          words: string | null
        }[]
        SetofOptions: {
          from: "*"
          to: "products"
          isOneToOne: false
          isSetofReturn: true
        }
      }
      since:
        | {
            Args: { day?: string }
            Returns: string
          }
        | {
            Args: never
            Returns: { error: true } & "Could not choose the best candidate function between: public.since(day => date), public.since(). Try renaming the parameters or the function itself in the database so function overloading can be resolved"
          }
      stats: {
        Args: { since: string }
        Returns: {
          day: string
          n: number
        }[]
      }
      title: {
        Args: { "": Database["public"]["Views"]["cheap"]["Row"] }
        Returns: { error: true } & "The function public.title is a computed field of cheap: select it there"
      }
      touch: {
        Args: never
        Returns: undefined
      }
    }
    Enums: {
      __proto__: "constructor" | "toString"
      status: "draft" | "on sale" | "it's \"gone\""
    }
    CompositeTypes: {
      address: {
        street: string | null
        lines: string[] | null
        level: "low" | "high" | null
      }
    }
  }
}

type DatabaseWithoutInternals = Omit<Database, "__InternalSupabase">

type DefaultSchema = DatabaseWithoutInternals[Extract<keyof Database, "public">]

export type Tables<
  NameOrSchema extends keyof (DefaultSchema["Tables"] & DefaultSchema["Views"]) | { schema: keyof DatabaseWithoutInternals },
  Name extends NameOrSchema extends { schema: keyof DatabaseWithoutInternals } ? keyof (DatabaseWithoutInternals[NameOrSchema["schema"]]["Tables"] & DatabaseWithoutInternals[NameOrSchema["schema"]]["Views"]) : never = never,
> = NameOrSchema extends { schema: keyof DatabaseWithoutInternals }
  ? (DatabaseWithoutInternals[NameOrSchema["schema"]]["Tables"] & DatabaseWithoutInternals[NameOrSchema["schema"]]["Views"])[Name] extends { Row: infer T } ? T : never
  : NameOrSchema extends keyof (DefaultSchema["Tables"] & DefaultSchema["Views"])
    ? (DefaultSchema["Tables"] & DefaultSchema["Views"])[NameOrSchema] extends { Row: infer T } ? T : never
    : never

export type TablesInsert<
  NameOrSchema extends keyof DefaultSchema["Tables"] | { schema: keyof DatabaseWithoutInternals },
  Name extends NameOrSchema extends { schema: keyof DatabaseWithoutInternals } ? keyof DatabaseWithoutInternals[NameOrSchema["schema"]]["Tables"] : never = never,
> = NameOrSchema extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[NameOrSchema["schema"]]["Tables"][Name] extends { Insert: infer T } ? T : never
  : NameOrSchema extends keyof DefaultSchema["Tables"]
    ? DefaultSchema["Tables"][NameOrSchema] extends { Insert: infer T } ? T : never
    : never

export type TablesUpdate<
  NameOrSchema extends keyof DefaultSchema["Tables"] | { schema: keyof DatabaseWithoutInternals },
  Name extends NameOrSchema extends { schema: keyof DatabaseWithoutInternals } ? keyof DatabaseWithoutInternals[NameOrSchema["schema"]]["Tables"] : never = never,
> = NameOrSchema extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[NameOrSchema["schema"]]["Tables"][Name] extends { Update: infer T } ? T : never
  : NameOrSchema extends keyof DefaultSchema["Tables"]
    ? DefaultSchema["Tables"][NameOrSchema] extends { Update: infer T } ? T : never
    : never

export type Enums<
  NameOrSchema extends keyof DefaultSchema["Enums"] | { schema: keyof DatabaseWithoutInternals },
  Name extends NameOrSchema extends { schema: keyof DatabaseWithoutInternals } ? keyof DatabaseWithoutInternals[NameOrSchema["schema"]]["Enums"] : never = never,
> = NameOrSchema extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[NameOrSchema["schema"]]["Enums"][Name]
  : NameOrSchema extends keyof DefaultSchema["Enums"]
    ? DefaultSchema["Enums"][NameOrSchema]
    : never

export type CompositeTypes<
  NameOrSchema extends keyof DefaultSchema["CompositeTypes"] | { schema: keyof DatabaseWithoutInternals },
  Name extends NameOrSchema extends { schema: keyof DatabaseWithoutInternals } ? keyof DatabaseWithoutInternals[NameOrSchema["schema"]]["CompositeTypes"] : never = never,
> = NameOrSchema extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[NameOrSchema["schema"]]["CompositeTypes"][Name]
  : NameOrSchema extends keyof DefaultSchema["CompositeTypes"]
    ? DefaultSchema["CompositeTypes"][NameOrSchema]
    : never

export const Constants = {
  api: {
    Enums: {
      mood: ["sad", "happy"],
    },
  },
  "odd-schema": {
    Enums: {},
  },
  public: {
    Enums: {
      ["__proto__"]: ["constructor", "toString"],
      status: ["draft", "on sale", "it's \"gone\""],
    },
  },
} as const
